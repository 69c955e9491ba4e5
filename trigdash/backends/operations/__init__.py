"""Operations of Trigger.dev, one module for each resource: functions that return an operation."""

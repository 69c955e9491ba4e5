"""Why a run does not move: what is known around it, the checks, the verdict."""

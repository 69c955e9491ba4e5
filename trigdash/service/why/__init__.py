"""Why a run does not move: what is known about its surroundings, the checks, the verdict."""

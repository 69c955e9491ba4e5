"""JSON values compared as JSON means them: `true` is no `1`, and the order of keys says nothing."""


def same_json(one: object, other: object) -> bool:
    """Whether two JSON values are the same. Numbers compare by value: a JavaScript server writes
    8.0 as 8. Without recursion, since people nest JSON deeply."""
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pairs += [(value, right[key]) for key, value in left.items()]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True

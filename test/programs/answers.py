"""What the actor that `constructs.py` calls answers."""


def answer(subject, message):
    """(status, response)"""
    if subject == "double":
        return "ok", message * 2
    if subject == "fail":
        return "error", f"refused {message}"
    if subject == "items":
        return "ok", list(range(message))
    raise AssertionError(subject)

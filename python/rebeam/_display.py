"""What a notebook shows of a value (lib/rebeam/livebook/render.ex): the richest of what the value
itself offers, as notebooks in Python take it."""

from __future__ import annotations

from typing import Any

_OFFERS = (
    ("_repr_svg_", "svg"),
    ("_repr_png_", "png"),
    ("_repr_jpeg_", "jpeg"),
    ("_repr_html_", "html"),
    ("_repr_markdown_", "markdown"),
    ("_repr_latex_", "latex"),
)
_ROWS = 1000
_PLAIN = (bool, int, float, str, type(None))


def display(value: Any) -> tuple[Any, ...]:
    """(kind, what); of a data frame ("table", columns, its first rows, how many rows it has)."""
    try:
        found = _table(value)
    except Exception:  # of somebody else's code: its text is left
        found = None
    return found or _offered(value) or ("text", repr(value))


def _table(value: Any) -> tuple[Any, ...] | None:
    """Of pandas, polars and what is like them."""
    if not all(hasattr(value, name) for name in ("columns", "head", "shape", "dtypes")):
        return None
    head = value.head(_ROWS)
    rows = head.rows() if hasattr(head, "rows") else head.itertuples(index=False, name=None)
    columns = [str(each) for each in value.columns]
    return "table", columns, [[_cell(each) for each in row] for row in rows], value.shape[0]


def _cell(value: Any) -> Any:
    item = value.item() if hasattr(value, "item") else value  # of numpy's
    return item if type(item) in _PLAIN else str(item)


def _offered(value: Any) -> tuple[Any, ...] | None:
    for method, kind in _OFFERS:
        try:
            made = getattr(value, method, lambda: None)()
        except Exception:  # of somebody else's code: there may be another one
            continue
        if isinstance(made, (str, bytes)):
            return kind, made
    return None

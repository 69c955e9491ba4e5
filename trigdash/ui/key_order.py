"""Keys act in the order in which they were typed, however fast they come.

Textual looks for bindings on the whole screen first, while letters wait for the widget that has
the focus. In a burst, as over a slow line, `tab` then completed what had been there before, and
letters typed after a backspace stood before it.
"""

from textual.events import Key
from textual.widget import Widget


async def act_in_order(widget: Widget, event: Key) -> None:
    """Have a widget's own binding act now, when its turn among the typed keys has come."""
    bound = widget.screen.active_bindings.get(event.key)
    if bound is not None and bound.node is widget:
        event.stop()
        event.prevent_default()
        await widget.run_action(bound.binding.action)

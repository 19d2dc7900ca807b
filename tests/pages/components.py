"""What the browser's part of a page is told, and how it answers."""

import json

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest


def proto(at: AppTest, name: str):
    return next(
        each.proto for each in at.get("bidi_component") if each.proto.component_name == name
    )


def component(at: AppTest, name: str):
    """What a component was told."""
    return json.loads(proto(at, name).json)


def overlay(at: AppTest):
    """What the photo component was told."""
    return component(at, "photo_overlay")


def set_state(at: AppTest, name: str, **values) -> None:
    """What a browser does when a component sets its state, which calls back."""
    _push(at, proto(at, name).id, "json_value", json.dumps(values))


def fire(at: AppTest, name: str, event: str, value) -> None:
    """What a browser does when a component fires a trigger."""
    fired = json.dumps([{"event": event, "value": value}])
    _push(at, _make_trigger_id(proto(at, name).id, "events"), "json_trigger_value", fired)


def _push(at: AppTest, widget: str, field: str, value: str) -> None:
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    state.id = widget
    setattr(state, field, value)
    at._run(states)
    assert not at.exception, at.exception

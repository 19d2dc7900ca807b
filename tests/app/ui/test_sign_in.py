"""Who is let in, and under which name, with and without an [auth] section in the secrets."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from app.ui.sign_in import providers, sign_in_is_on
from core.errors import UserError

SCREENS = Path(__file__).resolve().parents[3] / "app" / "screens.py"
PROVIDER = {"client_id": "x", "client_secret": "y", "server_metadata_url": "http://localhost/z"}
AUTH = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "s"} | PROVIDER


@pytest.fixture(autouse=True)
def cookies(monkeypatch):
    kept = {"halfseen_annotator": "Mallory"}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: kept))
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "UTC"))
    return kept


@pytest.fixture
def secrets_file(tmp_path):
    """Where this process reads its secrets from, nothing being read yet."""
    file = tmp_path / "secrets.toml"
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    yield file
    config.set_option("secrets.files", before)
    st.secrets._reset()


def visit(auth=AUTH, **user):
    at = AppTest.from_file(str(SCREENS), default_timeout=30)
    at.secrets["auth"] = auth
    at.user = {"is_logged_in": bool(user), **user}
    return at.run()


def shows_pages(at):
    return any(title.value == "Datasets" for title in at.title)


def words(at):
    return at.error[0].value.replace("\\", "")


def who(at):
    return at.get("popover")[0].proto.popover.label


def test_who_is_signed_out_sees_a_button_and_no_page():
    at = visit()
    assert not shows_pages(at)
    assert [button.label for button in at.button] == ["Sign in"]
    assert not at.text_input
    assert not at.sidebar.get("popover")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": " Grace Hopper ", "email": "grace@example.org"}, "Grace Hopper"),
        ({"name": " ", "email": "grace@example.org"}, r"grace\@example\.org"),
        ({"email": "grace@example.org"}, r"grace\@example\.org"),
    ],
)
def test_who_is_signed_in_is_called_as_the_provider_says(claims, name):
    at = visit(**claims)
    assert shows_pages(at)
    assert who(at) == f":material/person: {name}"
    assert [button.label for button in at.sidebar.button] == ["Sign out"]
    assert not at.sidebar.text_input


def say_who():
    import streamlit as st

    from app.ui.visitor import annotator

    st.session_state["annotator"] = "Eve"  # typed before there was sign-in
    st.text(annotator())


@pytest.mark.parametrize(("user", "name"), [({"name": "Grace"}, "Grace"), ({}, "None")])
def test_verdicts_carry_the_name_of_who_signed_in_not_a_cookie_nor_a_typed_one(user, name):
    at = AppTest.from_function(say_who)
    at.secrets["auth"] = AUTH
    at.user = {"is_logged_in": bool(user), **user}
    assert at.run().text[0].value == name


def test_the_secrets_may_name_another_of_the_providers_words():
    auth = AUTH | {"annotator_claim": "email"}
    assert r"grace\@example\.org" in who(visit(auth, name="Grace", email="grace@example.org"))
    at = visit(auth, name="Grace")
    assert "The sign-in says no name for you" in words(at)
    assert not shows_pages(at)


@pytest.mark.parametrize("name", ["main", "x" * 200, "a\nb", 7])
def test_a_name_that_cannot_be_kept_is_told_with_a_way_out(name):
    at = visit(name=name)
    assert not shows_pages(at)
    assert "sign-in" in words(at)
    assert [button.label for button in at.button] == ["Sign out"]


def test_every_provider_of_the_secrets_has_its_button():
    named = {"redirect_uri": "r", "cookie_secret": "s", "google": PROVIDER, "okta": PROVIDER}
    labels = [button.label for button in visit(named).button]
    assert labels == ["Sign in with google", "Sign in with okta"]
    both = [button.label for button in visit(AUTH | {"okta": PROVIDER}).button]
    assert both == ["Sign in", "Sign in with okta"]


@pytest.mark.parametrize("auth", [{}, {"client_id": "x"}])
def test_sign_in_that_is_half_set_up_lets_nobody_in_and_says_so(auth, secrets_file):
    secrets_file.write_text("[auth]\n" + "\n".join(f'{k} = "{v}"' for k, v in auth.items()))
    at = AppTest.from_file(str(SCREENS), default_timeout=30)
    at.user = {"is_logged_in": False}
    at.run()
    at.button(key="sign_in_").click().run()
    assert "Sign-in is not set up completely" in words(at)
    assert not shows_pages(at)


def test_without_secrets_or_without_their_section_nobody_need_sign_in(secrets_file):
    assert not sign_in_is_on()
    secrets_file.write_text("[other]\na = 1\n")
    st.secrets._reset()
    assert not sign_in_is_on()
    secrets_file.write_text("[auth]\n")
    st.secrets._reset()
    assert sign_in_is_on()
    assert providers() == [""]


def test_secrets_that_cannot_be_read_open_nothing(secrets_file):
    secrets_file.write_text("[auth\n")
    with pytest.raises(UserError, match="it is not known who may come in"):
        sign_in_is_on()
    at = AppTest.from_file(str(SCREENS), default_timeout=30).run()
    assert "The secrets cannot be read" in words(at)
    assert not shows_pages(at)
    assert not at.sidebar.get("popover")

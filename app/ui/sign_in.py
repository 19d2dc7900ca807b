"""Sign-in with an OpenID provider, where Streamlit's secrets have an [auth] section."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAuthError

from app.ui.text import plain
from app.workflow.names import checked_annotator
from core.errors import UserError

AUTH = "auth"  # section of the secrets
CLAIM = "annotator_claim"  # ours, in it: which of the provider's words is the annotator's name
_USUAL_CLAIMS = ("name", "email")
# The provider sends everybody back to the first page; this leads on to where they were going.
_way_back = st.components.v2.component(
    "way_back",
    js="""export default function ({ data }) {
      const here = location.pathname + location.search;
      if (!data.signed_in) return sessionStorage.setItem("halfseen_way", here);
      const way = sessionStorage.getItem("halfseen_way");
      sessionStorage.removeItem("halfseen_way");
      if (way && way !== here) location.replace(new URL(way, location.origin));
    }""",
)


def sign_in_is_on() -> bool:
    """Whether the app asks its visitors to sign in.

    Raises:
        UserError: there are secrets and they cannot be read: nobody comes in by that mistake.
    """
    if st.secrets.load_if_toml_exists():
        return AUTH in st.secrets
    for file in st.get_option("secrets.files"):
        if Path(file).exists():
            raise UserError(
                "The secrets cannot be read, so it is not known who may come in.",
                where=str(file),
                remedy="Correct the file and start the app again; its log says more.",
            )
    return False


def is_signed_in() -> bool:
    """Whether this visitor has signed in."""
    return claims().get("is_logged_in") is True


def signed_in_name() -> str:
    """The name the provider gives for this visitor, to be kept with verdicts.

    Raises:
        UserError: it gives none, or one that cannot be kept.
    """
    wanted = st.secrets[AUTH].get(CLAIM)
    said = claims()
    given = (said.get(name) for name in ([wanted] if wanted else _USUAL_CLAIMS))
    name = next((each for each in given if isinstance(each, str) and each.strip()), None)
    remedy = f"Change it at the provider, or let {CLAIM} in the secrets name something else of it."
    if name is None:
        raise UserError("The sign-in says no name for you.", remedy=remedy)
    try:
        return checked_annotator(name)
    except UserError as error:
        what = f"The name the sign-in gives for you cannot be kept with labels. {error.what}"
        raise UserError(what, remedy=remedy) from error


def sign_in_buttons() -> None:
    """A button for every provider of the secrets.

    Raises:
        UserError: what the secrets say of the provider is not complete.
    """
    for provider in providers():
        words = f"Sign in with {plain(provider)}" if provider else "Sign in"
        if st.button(words, type="primary", key=f"sign_in_{provider}", icon=":material/login:"):
            try:
                st.login(provider or None)
            except StreamlitAuthError as error:
                raise UserError(
                    f"Sign-in is not set up completely: {' '.join(str(error).split())}",
                    remedy="See docs/sign_in.md.",
                ) from error


def lead_back(*, signed_in: bool) -> None:
    """Remember where somebody was going who must sign in first, and afterwards go there."""
    _way_back(key="way_back", data={"signed_in": signed_in, "page": st.context.url})


def providers() -> list[str]:
    """The providers of the secrets by name; "" is the one without a name."""
    auth = st.secrets[AUTH]
    named = [name for name, of in auth.items() if isinstance(of, Mapping) and "client_id" in of]
    return named if named and "client_id" not in auth else ["", *named]


def claims() -> Mapping[str, Any]:
    """What the provider says of this visitor; `is_logged_in` is Streamlit's own."""
    return st.user.to_dict()

from streamlit.testing.v1 import AppTest


def a_page_that_refuses(problems):
    from app.ui.errors import shown_errors
    from core.errors import UserError

    with shown_errors():
        raise UserError("It is *wrong*.", where="a.json", remedy="Mend it.", problems=problems)


def refused(problems):
    return AppTest.from_function(a_page_that_refuses, args=(problems,)).run()


def test_an_error_is_shown_in_words_with_every_problem():
    at = refused(["one <b>", "two"])
    assert at.error[0].value == r"a\.json\:" "\u2060" r" It is \*wrong\*\. Mend it\."
    assert at.text[0].value == "one <b>\ntwo"
    assert not at.exception


def test_of_very_many_problems_the_rest_is_counted():
    at = refused([f"problem {k}" for k in range(502)])
    assert len(at.text[0].value.splitlines()) == 500
    assert at.caption[0].value == "and 2 more problems"


def a_page_that_fails(kind):
    from app.ui.errors import on_script_error
    from core.errors import UserError

    assert on_script_error(UserError("Not like this.") if kind == "user" else KeyError("secret"))


def test_an_unexpected_error_is_said_without_its_details_and_logged(caplog):
    at = AppTest.from_function(a_page_that_fails, args=("other",)).run()
    assert at.error[0].value.startswith("This page failed.")
    assert "secret" not in at.error[0].value
    assert "KeyError: 'secret'" in caplog.text


def test_a_user_error_that_slipped_through_is_shown_in_words():
    at = AppTest.from_function(a_page_that_fails, args=("user",)).run()
    assert at.error[0].value == r"Not like this\."

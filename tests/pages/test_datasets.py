import re

from app.ui import import_form, manage_dataset
from app.ui.workspace import the_workspace
from app.workflow.datasets import find_dataset, list_datasets
from tests.pages.builders import NAMES, a_file, a_person

HOSTILE = "**x** <img src=x onerror=alert(1)> :smile: $a$ [l](http://e.com)"


def tasks_started(monkeypatch, module):
    """The verbs a page asks for, without running them."""
    started = []
    monkeypatch.setattr(module, "start_task", lambda ws, verb, *, title: started.append(verb))
    return started


def test_an_empty_app_says_what_to_do_next(open_page):
    at = open_page()
    assert at.title[0].value == "Datasets"
    assert (
        "Import a COCO keypoint file of your own, or add the drawn sample set" in at.info[0].value
    )


def test_an_imported_dataset_is_listed_with_its_numbers(open_page, imported):
    imported()
    row = open_page().dataframe(key="datasets_table").value.iloc[0].to_dict()
    row.pop("Imported")
    assert row == {
        "Name": "val",
        "Photos": 2,
        "Persons": 3,
        "Labelled keypoints": 5,
        "Licence": "CC BY 4.0",
    }


def test_class_shares_are_a_table_to_download(open_page, imported):
    imported()
    at = open_page()
    table = at.dataframe[1].value
    assert table["keypoint"].tolist() == NAMES
    assert table["visible"].tolist() == [2, 1, 1]
    assert table["hidden"].tolist() == [0, 1, 0]
    assert table["not labelled"].tolist() == [1, 1, 2]


def test_remarks_of_the_checks_are_grouped_by_rule_with_examples(open_page, imported):
    imported()
    at = open_page()
    labels = [expander.label for expander in at.expander]
    assert "missing photos · 1 time" in labels
    assert any("b.png" in text.value for text in at.text)


def test_names_from_files_and_people_are_shown_as_text(open_page, imported):
    categories = [{"id": 1, "name": HOSTILE, "keypoints": [HOSTILE, "b", "c"], "skeleton": []}]
    imported(HOSTILE, a_file(categories=categories, licenses=[{"id": 1, "name": HOSTILE}]))
    at = open_page()
    for element in [*at.subheader, *at.caption]:
        assert not re.search(r"(?<!\\)[*<$\[]", element.value), element.value
    assert at.dataframe(key="datasets_table").value["Name"].tolist() == [HOSTILE]


def test_an_unknown_dataset_in_the_address_is_said(open_page, imported):
    imported()
    at = open_page(dataset="gone")
    assert at.warning[0].value == "There is no dataset gone; another one is shown."
    assert at.query_params["dataset"] == "val"


def test_import_from_a_path_starts_a_task(open_page, tmp_path, monkeypatch):
    started = tasks_started(monkeypatch, import_form)
    file = tmp_path / "labels.json"
    file.write_text("{}")
    at = open_page()
    at.text_input(key="import_name").set_value("-val")
    at.text_input(key="import_file").set_value(f"'{file}'")
    at.text_input(key="import_photos").set_value(str(tmp_path))
    at.button(key="import_path_submit").click().run()
    assert started == [["import", "--images", str(tmp_path), "--", "-val", str(file)]]


def test_import_refuses_in_words(open_page, imported, monkeypatch):
    started = tasks_started(monkeypatch, import_form)
    imported()

    def refused(name, file, photos=""):
        at = open_page()
        at.text_input(key="import_name").set_value(name)
        at.text_input(key="import_file").set_value(file)
        at.text_input(key="import_photos").set_value(photos)
        return at.button(key="import_path_submit").click().run().error[0].value

    assert "The dataset name is blank" in refused(" ", "/x.json")
    assert 'There is a dataset \\"val\\" already' in refused("val", "/x.json")
    assert "No path was given" in refused("new", " ")
    assert "There is no such file on the server" in refused("new", "/no/such.json")
    assert "There is no such folder on the server" in refused("new", __file__, "/no/such")
    assert started == []


def test_an_upload_is_kept_and_imported(open_page, monkeypatch):
    started = tasks_started(monkeypatch, import_form)
    at = open_page()
    at.text_input(key="upload_name").set_value("up")
    at.file_uploader(key="upload_file").set_value(("../-odd?.zip", b"PK", "application/zip"))
    at.button(key="import_upload_submit").click().run()
    ((verb, _, name, path),) = started
    assert (verb, name) == ("import", "up")
    kept = the_workspace().data_dir / "received"
    assert [file.name for file in kept.glob("*/*")] == ["odd_.zip"]
    assert path == str(next(kept.glob("*/*")))


def test_an_upload_without_a_file_is_refused(open_page):
    at = open_page()
    at.text_input(key="upload_name").set_value("up")
    at.button(key="import_upload_submit").click().run()
    assert at.error[0].value == "No file was chosen\\. Choose a zip or a JSON file first\\."


def test_the_sample_set_is_added_by_a_task(open_page, monkeypatch):
    started = tasks_started(monkeypatch, import_form)
    open_page().button(key="import_sample").click().run()
    assert started == [["sample"]]


def test_renaming_follows_the_dataset(open_page, imported):
    dataset = imported()
    at = open_page()
    at.text_input(key=f"rename_to_{dataset.id}").set_value("other")
    at.button(key="rename_submit").click().run()
    assert [each.name for each in list_datasets(the_workspace())] == ["other"]
    assert at.query_params["dataset"] == "other"


def test_renaming_to_a_taken_name_is_refused(open_page, imported):
    imported("a")
    dataset = imported("b")
    at = open_page(dataset="b")
    at.text_input(key=f"rename_to_{dataset.id}").set_value("a")
    at.button(key="rename_submit").click().run()
    assert len(at.error) == 1
    assert {each.name for each in list_datasets(the_workspace())} == {"a", "b"}


def test_the_photo_folder_can_be_moved(open_page, imported, tmp_path):
    dataset = imported()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    at = open_page()
    at.text_input(key=f"photos_to_{dataset.id}").set_value(str(folder))
    at.button(key="photos_submit").click().run()
    assert find_dataset(the_workspace(), "val").images_dir == folder


def test_deleting_needs_the_name_typed(open_page, imported, monkeypatch):
    started = tasks_started(monkeypatch, manage_dataset)
    dataset = imported()
    at = open_page()
    at.button(key="delete_submit").click().run()
    assert at.warning[0].value == "Nothing was deleted: type val to delete it."
    assert started == []
    at.text_input(key=f"delete_typed_{dataset.id}").set_value("val")
    at.button(key="delete_submit").click().run()
    assert started == [["delete", "--yes", "--", "val"]]


def test_a_newer_version_is_brought_by_a_task(open_page, imported, monkeypatch):
    started = tasks_started(monkeypatch, manage_dataset)
    dataset = imported()
    at = open_page()
    at.text_input(key=f"newer_file_{dataset.id}").set_value(__file__)
    at.button(key="newer_submit").click().run()
    assert started == [["update", "--", "val", __file__]]


def test_a_dataset_without_keypoints_opens(open_page, imported):
    person = a_person(1)
    del person["keypoints"], person["num_keypoints"]
    imported(file=a_file(annotations=[person], categories=[{"id": 1, "name": "person"}]))
    assert "No annotation of this dataset has keypoints." in [i.value for i in open_page().info]

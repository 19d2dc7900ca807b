import json

from app.ui.workspace import the_workspace
from app.workflow.changes import list_changes
from app.workflow.relabel import save_snapshot


def relabel(name="val", annotation_id=1, keypoint=1, v=2, label_set="main"):
    edit = {"keypoint": keypoint, "base_revision": 0, "kind": "set", "x": 12, "y": 9, "v": v}
    snapshot = {"dataset": name, "item": annotation_id, "seq": 1, "step": "s1", "undoes": None}
    asked = snapshot | {"edits": [edit]}
    return save_snapshot(the_workspace(), name, asked, annotator="Ann", label_set=label_set)


def test_without_a_dataset_the_way_to_one_is_shown(open_page):
    assert open_page("export").info[0].value == "There is no dataset yet."


def test_without_changes_the_export_equals_the_source(open_page, imported):
    imported()
    at = open_page("export")
    assert "equals the imported file byte for byte" in at.info[0].value


def test_changes_are_counted_and_listed_with_who_and_when(open_page, imported):
    imported()
    relabel()
    at = open_page("export")
    assert "1 label of 1 person differ from the imported file" in at.markdown[0].value
    counts, changes = (frame.value for frame in at.dataframe)
    assert counts.to_dict("records") == [
        {"keypoint": "left_eye", "from": "1 hidden", "to": "2 visible", "labels": 1}
    ]
    (row,) = changes.to_dict("records")
    assert row.pop("when") is not None
    assert row == {
        "annotation": 1,
        "keypoint": "left_eye",
        "from": "1 hidden (12, 9)",
        "to": "2 visible (12, 9)",
        "who": "Ann",
    }


def test_as_imported_leaves_the_changes_out(open_page, imported):
    imported()
    relabel()
    at = open_page("export")
    at.selectbox(key="export_labels").set_value("original").run()
    assert "byte for byte" in at.info[0].value
    assert list_changes(the_workspace(), "val", labels="original") == []


def test_one_annotators_labels_can_be_exported(open_page, imported):
    imported()
    relabel(label_set="Ben")
    at = open_page("export")
    assert "byte for byte" in at.info[0].value
    at.selectbox(key="export_labels").set_value("by:Ben").run()
    assert len(at.dataframe) == 2


def test_writing_to_a_path_gives_the_exact_file(open_page, imported, tmp_path):
    imported()
    relabel()
    out = tmp_path / "out.json"
    at = open_page("export")
    at.text_input(key="export_path").set_value(str(out))
    at.button(key="export_write").click().run()
    assert at.success[0].value.startswith("Wrote ")
    before = json.loads((tmp_path / "labels.json").read_text())
    before["annotations"][0]["keypoints"][5] = 2
    assert json.loads(out.read_text()) == before


def test_writing_refuses_in_words(open_page, imported, tmp_path):
    imported()

    def refused(path):
        at = open_page("export")
        at.text_input(key="export_path").set_value(path)
        return at.button(key="export_write").click().run().error[0].value

    assert "No path was given" in refused("")
    assert "This is a folder" in refused(str(tmp_path))
    assert "There is no such folder on the server" in refused(str(tmp_path / "no" / "x.json"))
    assert "overwrite the file the dataset was imported from" in refused(
        str(tmp_path / "labels.json")
    )

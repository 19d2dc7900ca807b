"""Small COCO files for the pages' tests."""

from typing import Any

NAMES = ["nose", "left_eye", "right_eye"]


def a_file(**changes: Any) -> dict[str, Any]:
    """Two photos, three persons, three keypoints of COCO's names."""
    return {
        "licenses": [{"id": 1, "name": "CC BY 4.0"}],
        "images": [
            {"id": 7, "file_name": "a.png", "width": 40, "height": 30},
            {"id": 8, "file_name": "b.png", "width": 40, "height": 30},
        ],
        "annotations": [
            a_person(1, image_id=7, keypoints=[10, 10, 2, 12, 9, 1, 0, 0, 0]),
            a_person(2, image_id=7, keypoints=[20, 10, 2, 22, 9, 2, 18, 9, 2]),
            a_person(3, image_id=8, keypoints=[0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ],
        "categories": [
            {"id": 1, "name": "person", "keypoints": NAMES, "skeleton": [[1, 2], [1, 3]]}
        ],
    } | changes


def a_person(annotation_id: int, **fields: Any) -> dict[str, Any]:
    """One annotation with a box."""
    person = {"id": annotation_id, "image_id": 7, "category_id": 1, "iscrowd": 0}
    person |= {"bbox": [5, 5, 20, 20], "area": 400.0, "keypoints": [0] * 9} | fields
    labelled = sum(v > 0 for v in person["keypoints"][2::3])
    return person | {"num_keypoints": labelled}

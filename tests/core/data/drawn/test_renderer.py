import numpy as np
import pytest

from core.data.drawn.atlas import fixed_tile
from core.data.drawn.camera import camera_at
from core.data.drawn.renderer import FAR_M, Light, rasterise
from core.data.drawn.shapes import MeshBuilder, box, ellipsoid

LIGHT = Light(np.array([0.0, 1.0, 0.0]), (0.5,) * 3, (0.5,) * 3, (0.3,) * 3, shadow=0.4)
CAMERA = camera_at(
    (640, 480), focal_px=600, position_m=(0.2, 1.2, 0.3), pitch_deg=7.0, roll_deg=3.0
)


def ball_at(place, radius=0.05):
    return ellipsoid(np.array(place), np.eye(3), (radius,) * 3, fine=True)


def drawn(*balls, camera=CAMERA):
    mesh = MeshBuilder()
    for thing, points in balls:
        mesh.add(points, bgr=(1, 1, 1), tile=fixed_tile("skin"), thing=thing)
    return rasterise(mesh.build(), camera, LIGHT, np.zeros((480, 640, 3), np.float32))


@pytest.mark.parametrize("place", [(0.0, 1.0, -3.0), (0.7, 1.6, -4.0), (-0.9, 0.4, -2.5)])
def test_a_point_is_drawn_where_the_camera_projects_it(place):
    buffers = drawn((9, ball_at(place)))
    rows, columns = np.nonzero(buffers.thing == 9)
    xy, depth = CAMERA.project(np.array(place))
    assert (columns.mean(), rows.mean()) == pytest.approx(tuple(xy), abs=0.5)
    assert buffers.depth_m[rows, columns].min() == pytest.approx(depth - 0.05, abs=0.01)


def test_the_nearer_thing_hides_the_farther_whichever_is_added_first():
    near, far = (3, ball_at((0.2, 1.0, -2.0), 0.2)), (200, ball_at((0.2, 1.0, -3.0), 0.2))
    one, other = drawn(near, far), drawn(far, near)
    assert np.array_equal(one.thing, other.thing)
    x, y = np.round(CAMERA.project(np.array((0.2, 1.0, -2.0)))[0]).astype(int)
    assert one.thing[y, x] == 3


def test_where_nothing_is_drawn_the_backdrop_stays():
    buffers = drawn((3, ball_at((0.2, 1.0, -2.0))))
    assert buffers.thing[5, 5] == 0
    assert buffers.depth_m[5, 5] == FAR_M
    assert (buffers.lit_bgr[5, 5] == 0).all()


def test_what_reaches_behind_the_camera_is_not_smeared_over_the_picture():
    here = CAMERA.position_m
    buffers = drawn((3, ball_at(here, 0.5)), (4, ball_at((here[0], here[1] + 3.0, 0.3), 2.0)))
    assert np.count_nonzero(buffers.thing) < 0.6 * buffers.thing.size


def test_the_floor_is_projected_like_its_points():
    matrix = CAMERA.floor_homography()
    seen = matrix @ np.array([0.4, -3.0, 1.0])
    expected, _ = CAMERA.project(np.array([0.4, 0.0, -3.0]))
    assert seen[:2] / seen[2] == pytest.approx(expected)


@pytest.mark.parametrize("shape", [
    ball_at((0.0, 0.0, 0.0), 1.0),
    ball_at((0.0, 0.0, 0.0), 1.0)[::-1],
    box(np.zeros(3), np.eye(3), (1.0, 2.0, 0.5)),
])  # fmt: skip
def test_normals_point_outwards_and_faces_agree_with_them(shape):
    mesh = MeshBuilder()
    mesh.add(shape, bgr=(1, 1, 1), tile=fixed_tile("skin"), thing=1)
    built = mesh.build()
    assert (np.einsum("vc,vc->v", built.normals, built.vertices_m) > -1e-3).all()
    corners = built.vertices_m[built.faces]
    turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    agree = np.einsum("fc,fc->f", turned, built.normals[built.faces[:, 0]])
    solid = np.linalg.norm(turned, axis=1) > 1e-6
    assert len(set(np.sign(agree[solid]).tolist())) == 1

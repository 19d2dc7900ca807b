from collections.abc import Callable

import numpy as np
import pytest

from core.data.drawn.background import paint_background
from core.data.drawn.body import Build, place_bones
from core.data.drawn.camera import Camera, camera_at
from core.data.drawn.clothes import Outfit, draw_outfit
from core.data.drawn.faces import draw_face
from core.data.drawn.layout import Layout, Prop
from core.data.drawn.parts import Figure
from core.data.drawn.pose_prior import LIMITS_DEG, Pose
from core.data.drawn.renderer import Light
from core.data.drawn.scene import Scene, render_scene

GROWN_UP = Build(1.75, girth=1.0, head_m=0.23, shoulders=1.0, hips=1.0, bust=0.0, child=False)
NOON = Light(np.array([0.0, 1.0, 0.2]), (0.5,) * 3, (0.5,) * 3, (0.3,) * 3, shadow=0.4)


def _an_outfit() -> Outfit:
    outfit = draw_outfit(np.random.default_rng(4), womanly=0.0)
    return Outfit(**{**vars(outfit), "hat": "none", "glasses": False, "lower": "trousers"})


@pytest.fixture
def a_camera() -> Callable[..., Camera]:
    """At chest height, looking along the floor; everybody of 1.75 m fits from 3.5 m on."""

    def build(height_m: float = 0.95, focal_px: float = 700.0) -> Camera:
        place = (0.0, height_m, 0.0)
        return camera_at((640, 480), focal_px=focal_px, position_m=place, pitch_deg=0.0)

    return build


@pytest.fixture
def a_figure() -> Callable[..., Figure]:
    """A bald man of average build who stands upright with hanging arms and faces the camera."""

    def build(
        number: int = 0,
        *,
        at_m: tuple[float, float, float] = (0.0, 0.0, -4.0),
        yaw_deg: float = 0.0,
        **angles: float,
    ) -> Figure:
        upright = dict.fromkeys(LIMITS_DEG, 0.0)
        apart = {"left_shoulder_abduct": 12.0, "right_shoulder_abduct": 12.0}
        pose = Pose("by hand", upright | apart | angles)
        bones = place_bones(GROWN_UP, pose, yaw_deg=yaw_deg).moved(np.array(at_m))
        face = draw_face(
            np.random.default_rng(1), womanly=0.0, child=False, glasses=False, buzz=False
        )
        return Figure(number, GROWN_UP, bones, _an_outfit(), face, "bald", "by hand")

    return build


@pytest.fixture
def see(a_camera: Callable[..., Camera]) -> Callable[..., Scene]:
    """Draw figures and props before a plain background."""

    def draw(*figures: Figure, props: tuple[Prop, ...] = (), camera: Camera | None = None) -> Scene:
        used = camera or a_camera()
        rng = np.random.default_rng(3)
        background = paint_background(rng, "studio", used, wall_m=12.0)
        layout = Layout("studio", used, NOON, 12.0, figures, props)
        return render_scene(layout, background, rng, rng)

    return draw

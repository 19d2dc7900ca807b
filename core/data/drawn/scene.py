"""Scenes: one drawn picture with its people and the truth about every keypoint."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray

from core.data.drawn.atlas import clothes_tile, head_tile, keep_backdrop_neutral, new_atlas, paint
from core.data.drawn.background import Background, backdrop, paint_background
from core.data.drawn.faces import paint_face
from core.data.drawn.figure import add_figure
from core.data.drawn.finish import finish_photo
from core.data.drawn.furniture import Builder
from core.data.drawn.layout import FIRST_PROP, Layout, draw_layout
from core.data.drawn.renderer import Buffers, cast_shadow, rasterise, shade
from core.data.drawn.shapes import MeshBuilder
from core.data.drawn.visibility_rule import person_mask, see_keypoints

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnPerson:
    """One drawn person and the truth about it.

    Attributes:
        xy_image_px: (17, 2) float64 in COCO's order; true places, also where the flag is 0.
        visibility: (17,) int8, values of `Visibility`.
        box_xywh_px: (4,) float64, around the mask.
        area_px2: of the mask.
        mask: (H, W) bool, what is seen of the person with clothes, hair and shoes.
        pose: name of the pose's family.
    """

    xy_image_px: FloatArray
    visibility: NDArray[np.int8]
    box_xywh_px: FloatArray
    area_px2: float
    mask: NDArray[np.bool_]
    pose: str


@dataclass(frozen=True)
class Scene:
    """One drawn picture.

    Attributes:
        photo_bgr: (H, W, 3) uint8.
        persons: those of whom at least a little is seen.
    """

    photo_bgr: NDArray[np.uint8]
    persons: tuple[DrawnPerson, ...]


def draw_scene(seed: int, *, size_wh_px: tuple[int, int] = (640, 480)) -> Scene:
    """Draw one picture; the same seed gives the same picture in every process."""
    plan, looks, behind, finish = (
        np.random.default_rng(child) for child in SeedSequence(seed).spawn(4)
    )
    layout = draw_layout(plan, size_wh_px)
    background = paint_background(behind, layout.setting, layout.camera, wall_m=layout.wall_m)
    return render_scene(layout, background, looks, finish)


def render_scene(
    layout: Layout, background: Background, looks: Generator, finish: Generator
) -> Scene:
    """Draw a layout before a background."""
    builder, atlas = MeshBuilder(), new_atlas()
    for figure in layout.figures:
        paint(atlas, head_tile(figure.number), paint_face(figure.face))
        paint(atlas, clothes_tile(figure.number, 0), figure.outfit.upper)
        paint(atlas, clothes_tile(figure.number, 1), figure.outfit.lower_texture)
        add_figure(builder, figure, looks)
    for number, prop in enumerate(layout.props):
        thing = Builder(builder, FIRST_PROP + number, prop.at_m, prop.yaw_deg)
        prop.add(thing, looks)
    keep_backdrop_neutral(atlas)
    mesh = builder.build()
    camera, light = layout.camera, layout.light
    behind = backdrop(background, cast_shadow(mesh, camera, light), camera.size_wh_px)
    buffers = rasterise(mesh, camera, light, behind)
    photo = finish_photo(finish, shade(buffers, atlas))
    return Scene(photo, _persons(layout, buffers))


def _persons(layout: Layout, buffers: Buffers) -> tuple[DrawnPerson, ...]:
    persons = []
    for figure in layout.figures:
        mask = person_mask(buffers.thing, figure.number)
        x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
        if width == 0:
            continue
        area = int(np.count_nonzero(mask))
        seen = see_keypoints(figure, buffers, layout.camera, area_px2=area)
        persons.append(
            DrawnPerson(
                xy_image_px=seen.xy_image_px,
                visibility=seen.visibility,
                box_xywh_px=np.array([x, y, width, height], dtype=float),
                area_px2=float(area),
                mask=mask,
                pose=figure.pose,
            )
        )
    return tuple(persons)

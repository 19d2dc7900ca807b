"""The renderer: triangles to pixels by OpenCV's rasteriser, with texture, light and shadow.

Two passes share one depth test: the first writes texture coordinates and the number of the
thing seen at every pixel, the second the light that falls there. Needs OpenCV 5.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.data.drawn.camera import Camera
from core.data.drawn.shapes import Mesh

FAR_M = 200.0
NEAR_M = 0.12
MAX_THING = 255.0  # the rasteriser interpolates 0..1; a thing's number travels divided by this
NEUTRAL = 200.0  # texture value that leaves a colour as it is
FloatImage = NDArray[np.float32]


@dataclass(frozen=True)
class Light:
    """One sun (or lamp) and the light from all around.

    Attributes:
        direction: (3,) unit vector from the scene to the sun, world.
        sun_bgr, sky_bgr, ground_bgr: strengths per colour channel, about 0..1.
        shadow: 0..1, how dark cast shadows are.
    """

    direction: NDArray[np.float64]
    sun_bgr: tuple[float, float, float]
    sky_bgr: tuple[float, float, float]
    ground_bgr: tuple[float, float, float]
    shadow: float


@dataclass(frozen=True)
class Buffers:
    """What the rasteriser saw.

    Attributes:
        thing: (H, W) uint8, 0 = background.
        depth_m: (H, W) float32, `FAR_M` = background.
        u, v: (H, W) float32, place in the atlas, 0..1.
        lit_bgr: (H, W, 3) float32, light and base colour, before texture.
    """

    thing: NDArray[np.uint8]
    depth_m: FloatImage
    u: FloatImage
    v: FloatImage
    lit_bgr: FloatImage


def rasterise(mesh: Mesh, camera: Camera, light: Light, backdrop_bgr: FloatImage) -> Buffers:
    """Draw the mesh over a backdrop, (H, W, 3) float32 in 0..1, which is written into."""
    width, height = camera.size_wh_px
    seen = np.zeros((height, width, 3), np.float32)
    depth = np.full((height, width), FAR_M, np.float32)
    marks = np.empty_like(mesh.vertices_m)
    marks[:, :2] = mesh.uv
    marks[:, 2] = mesh.thing / MAX_THING
    faces = _in_front(mesh.vertices_m, mesh.faces, camera)
    _draw(mesh.vertices_m, faces, marks, seen, depth, camera)
    lit, again = backdrop_bgr, np.full_like(depth, FAR_M)
    _draw(mesh.vertices_m, faces, light_on(mesh, light), lit, again, camera)
    u, v, thing = cv2.split(seen)
    return Buffers(
        thing=np.asarray(cv2.convertScaleAbs(thing, alpha=MAX_THING), dtype=np.uint8),
        depth_m=depth,
        u=np.asarray(u, dtype=np.float32),
        v=np.asarray(v, dtype=np.float32),
        lit_bgr=lit,
    )


def _in_front(
    vertices_m: FloatImage, faces: NDArray[np.int32], camera: Camera
) -> NDArray[np.int32]:
    """The triangles wholly in front of the camera; OpenCV smears the others over the picture."""
    towards = -camera.rotation[2].astype(np.float32)
    depth = vertices_m @ towards - np.float32(camera.position_m @ towards)
    kept = (depth > NEAR_M)[faces].all(axis=1)
    return faces if kept.all() else faces[kept]


def _draw(
    vertices_m: FloatImage,
    faces: NDArray[np.int32],
    colours: FloatImage,
    image: FloatImage,
    depth: FloatImage,
    camera: Camera,
) -> None:
    settings = cv2.TriangleRasterizeSettings()
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    settings.setCullingMode(cv2.RASTERIZE_CULLING_CW)
    cv2.triangleRasterize(
        vertices_m, faces, colours, image, depth,
        camera.world_to_camera, camera.field_of_view_y, NEAR_M, FAR_M, settings,
    )  # fmt: skip


def light_on(mesh: Mesh, light: Light) -> FloatImage:
    """(V, 3) colour of every vertex under the light: soft sun, sky above, floor below."""
    facing = mesh.normals @ light.direction.astype(np.float32)
    sun = np.clip(facing * 0.8 + 0.2, 0, 1)[:, None]
    above = (mesh.normals[:, 1:2] + 1) * 0.5
    near_floor = 0.72 + 0.28 * np.clip(mesh.vertices_m[:, 1:2] / 0.35, 0, 1)
    sky, ground, rays = (
        np.array(colour, dtype=np.float32)
        for colour in (light.sky_bgr, light.ground_bgr, light.sun_bgr)
    )
    received = rays * sun + (ground + (sky - ground) * above) * near_floor
    lit: FloatImage = (mesh.bgr * received).astype(np.float32)
    return lit


def cast_shadow(mesh: Mesh, camera: Camera, light: Light) -> FloatImage:
    """(H / 4, W / 4) float32, 1 = no shadow: the mesh flattened onto the floor by the sunlight."""
    width, height = camera.size_wh_px
    small = Camera(
        (width // 4, height // 4), camera.focal_px / 4, camera.position_m, camera.rotation
    )
    flat = mesh.vertices_m.copy()
    slope = (light.direction / light.direction[1]).astype(np.float32)
    flat -= np.maximum(flat[:, 1:2], 0) * slope
    flat[:, 1] = 0.0
    faces = _in_front(flat, mesh.faces, camera)
    depth = np.full((height // 4, width // 4), FAR_M, np.float32)
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    cv2.triangleRasterizeDepth(
        flat, faces, depth, small.world_to_camera, small.field_of_view_y, NEAR_M, FAR_M,
        settings,
    )  # fmt: skip
    open_sky = np.where(depth < FAR_M, np.float32(1 - light.shadow), np.float32(1))
    return np.asarray(cv2.GaussianBlur(open_sky, (0, 0), 1.3), dtype=np.float32)


def shade(buffers: Buffers, atlas: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: texture times light, darker in corners, smooth along outlines."""
    side = float(atlas.shape[0])
    texture = cv2.remap(atlas, buffers.u * side, buffers.v * side, cv2.INTER_LINEAR)
    colour = cv2.multiply(buffers.lit_bgr, texture, scale=255.0 / NEUTRAL, dtype=cv2.CV_8U)
    corners = _ambient_occlusion(buffers.depth_m)
    darkened = cv2.multiply(colour, cv2.merge([corners] * 3), scale=1 / 255.0)
    return _smooth_outlines(np.asarray(darkened, dtype=np.uint8), buffers.thing)


def _ambient_occlusion(depth_m: FloatImage) -> NDArray[np.uint8]:
    """(H, W), 255 = open: darker where the surroundings stand a little in front."""
    height, width = depth_m.shape
    small = cv2.resize(depth_m, (width // 4, height // 4), interpolation=cv2.INTER_NEAREST)
    np.minimum(small, 30.0, out=small)
    around = cv2.blur(small, (9, 9))
    behind = np.clip(small - around, 0.0, 0.25) * (small < 30.0)
    dark = cv2.blur(behind.astype(np.float32), (3, 3))
    light = np.asarray(255 * (1 - 1.1 * dark), dtype=np.uint8)
    return np.asarray(cv2.resize(light, (width, height)), dtype=np.uint8)


def _smooth_outlines(colour: NDArray[np.uint8], thing: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend pixels where two things meet, in place of a costly picture of twice the size."""
    edge = cv2.morphologyEx(thing, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(colour, (3, 3), 0.7)
    cv2.copyTo(soft, edge, colour)
    return colour

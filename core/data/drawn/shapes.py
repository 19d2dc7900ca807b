"""Shapes: everything drawn is a grid of points wrapped around something, or a box.

A grid has N rings of M + 1 points (the first and the last of a ring coincide, so that a
texture can be wrapped around). Grids of one size are made into triangles together.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Colour = tuple[float, float, float]  # blue, green, red, 0..1
Tile = tuple[float, float, float, float]  # left, top, width, height in the atlas, 0..1


@dataclass(frozen=True)
class Mesh:
    """Triangles ready for the renderer.

    Attributes:
        vertices_m: (V, 3) float32, world.
        normals: (V, 3) float32, unit length, outwards.
        bgr: (V, 3) float32, 0..1, before lighting.
        uv: (V, 2) float32, place in the texture atlas, 0..1.
        thing: (V,) float32, number of the thing the vertex belongs to.
        faces: (F, 3) int32.
    """

    vertices_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    bgr: NDArray[np.float32]
    uv: NDArray[np.float32]
    thing: NDArray[np.float32]
    faces: NDArray[np.int32]


@dataclass
class _Group:
    points: list[FloatArray] = field(default_factory=list)
    bgr: list[Colour] = field(default_factory=list)
    tile: list[Tile] = field(default_factory=list)
    thing: list[int] = field(default_factory=list)


@dataclass
class MeshBuilder:
    """Collects shapes; `build` makes one mesh of them."""

    _groups: dict[tuple[int, int], _Group] = field(default_factory=lambda: defaultdict(_Group))

    def add(self, points_m: FloatArray, *, bgr: Colour, tile: Tile, thing: int) -> None:
        """Add one grid, (N, M + 1, 3)."""
        group = self._groups[points_m.shape[0], points_m.shape[1]]
        group.points.append(points_m)
        group.bgr.append(bgr)
        group.tile.append(tile)
        group.thing.append(thing)

    def build(self) -> Mesh:
        """All shapes added so far."""
        parts, first = [], 0
        for group in self._groups.values():
            part = _mesh_of(group, first)
            parts.append(part)
            first += len(part.vertices_m)
        return Mesh(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("vertices_m", "normals", "bgr", "uv", "thing", "faces")
            )
        )


def _mesh_of(group: _Group, first: int) -> Mesh:
    points = np.stack(group.points).astype(np.float32)  # (P, N, M + 1, 3)
    count, rings, columns = points.shape[:3]
    normals = _normals(points)
    outwards = points - points.mean(axis=2, keepdims=True)
    inside_out = np.einsum("pnmc,pnmc->p", normals, outwards) < 0
    normals[inside_out] *= -1
    template = _faces(rings, columns)
    faces = np.where(inside_out[:, None, None], template[:, ::-1], template)  # (P, F, 3)
    faces = faces + (np.arange(count) * rings * columns + first)[:, None, None]
    tile = np.array(group.tile, dtype=np.float32)
    uv = tile[:, None, :2] + _unit_uv(rings, columns) * tile[:, None, 2:]  # (P, N * (M + 1), 2)
    per_vertex = rings * columns
    return Mesh(
        points.reshape(-1, 3),
        normals.reshape(-1, 3),
        np.repeat(np.array(group.bgr, dtype=np.float32), per_vertex, axis=0),
        uv.reshape(-1, 2),
        np.repeat(np.array(group.thing, dtype=np.float32), per_vertex),
        faces.reshape(-1, 3).astype(np.int32),
    )


def _normals(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(P, N, M + 1, 3) unit normals from the neighbours of every point."""
    along = np.empty_like(points)
    along[:, 1:-1] = points[:, 2:] - points[:, :-2]
    along[:, 0] = points[:, 1] - points[:, 0]
    along[:, -1] = points[:, -1] - points[:, -2]
    around = np.empty_like(points)
    around[:, :, 1:-1] = points[:, :, 2:] - points[:, :, :-2]
    around[:, :, 0] = points[:, :, 1] - points[:, :, -2]
    around[:, :, -1] = around[:, :, 0]
    ax, ay, az = along[..., 0], along[..., 1], along[..., 2]
    bx, by, bz = around[..., 0], around[..., 1], around[..., 2]
    cross = np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
    length = np.sqrt(np.einsum("...c,...c->...", cross, cross))[..., None]
    unit: NDArray[np.float32] = cross / (length + 1e-12)
    return unit


@lru_cache(maxsize=64)
def _faces(rings: int, columns: int) -> NDArray[np.int64]:
    """(2 * (N - 1) * M, 3) triangles of one grid."""
    corner = (np.arange(rings - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    one = np.stack([corner, corner + columns, corner + 1], axis=-1)
    two = np.stack([corner + 1, corner + columns, corner + columns + 1], axis=-1)
    return np.concatenate([one, two])


@lru_cache(maxsize=64)
def _unit_uv(rings: int, columns: int) -> NDArray[np.float32]:
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rings))
    return np.stack([u.ravel(), v.ravel()], axis=-1).astype(np.float32)


@lru_cache(maxsize=16)
def circle(columns: int) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine of the points of a ring, from the back over the left to the front."""
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, columns)
    return np.cos(angle), np.sin(angle)


def rings(
    centres_m: FloatArray, left_m: FloatArray, front_m: FloatArray, columns: int
) -> FloatArray:
    """Elliptical rings around N centres with half axes (N, 3) to the left and to the front."""
    cosine, sine = circle(columns)
    grid: FloatArray = (
        centres_m[:, None]
        + cosine[None, :, None] * left_m[:, None]
        + sine[None, :, None] * front_m[:, None]
    )
    return grid


@lru_cache(maxsize=16)
def unit_sphere(rings_count: int, columns: int) -> FloatArray:
    """(N, M + 1, 3) from the top (y = 1) down; the seam is at the back (z = -1)."""
    polar = np.linspace(0.02, np.pi - 0.02, rings_count)
    cosine, sine = circle(columns)
    level = np.broadcast_to(np.cos(polar)[:, None], (rings_count, columns))
    radius = np.sin(polar)[:, None]
    return np.stack([radius * cosine, level, radius * sine], axis=-1)


def ellipsoid(
    centre_m: FloatArray, frame: FloatArray, half_m: tuple[float, float, float], *, fine: bool
) -> FloatArray:
    """An ellipsoid with half axes along the columns of `frame`."""
    sphere = unit_sphere(11, 15) if fine else unit_sphere(7, 10)
    grid: FloatArray = (sphere * half_m) @ frame.T + centre_m
    return grid


def tube(path_m: FloatArray, radius_m: FloatArray, *, columns: int = 9) -> FloatArray:
    """A round tube along a path (N, 3); its ends are closed by the first and last radius."""
    along = np.gradient(path_m, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    side = np.cross(along, [0.13, 0.31, 0.94])
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
    other = np.cross(along, side)
    radius = np.asarray(radius_m, dtype=float).reshape(-1, 1)
    return rings(path_m, side * radius, other * radius, columns)


def rod(start_m: FloatArray, end_m: FloatArray, radius_m: float) -> FloatArray:
    """A straight closed round bar."""
    share = np.array([0.0, 0.0, 0.5, 1.0, 1.0])[:, None]
    radius = np.array([0.05, 1.0, 1.0, 1.0, 0.05]) * radius_m
    start, end = np.asarray(start_m, dtype=float), np.asarray(end_m, dtype=float)
    along = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    side = np.cross(along, [0.13, 0.31, 0.94])
    side /= np.linalg.norm(side) + 1e-9
    other = np.cross(along, side)
    return rings(start + share * (end - start), np.outer(radius, side), np.outer(radius, other), 9)


# x, z of a box's outline, each corner twice so that every side has its own normals
_OUTLINE = np.array(
    [(-1, -1), (1, -1), (1, -1), (1, 1), (1, 1), (-1, 1), (-1, 1), (-1, -1), (-1, -1)], dtype=float
)
_LEVELS = np.array([(1, 0.0), (1, 1.0), (1, 1.0), (-1, 1.0), (-1, 1.0), (-1, 0.0)])


def box(centre_m: FloatArray, frame: FloatArray, half_m: tuple[float, float, float]) -> FloatArray:
    """A box with half sides along the columns of `frame`, as a grid of rings from the top down."""
    outline = _OUTLINE[None] * _LEVELS[:, 1, None, None]
    level = np.broadcast_to(_LEVELS[:, :1], outline.shape[:2])
    unit = np.stack([outline[..., 0], level, outline[..., 1]], axis=-1)
    grid: FloatArray = (unit * half_m) @ frame.T + centre_m
    return grid

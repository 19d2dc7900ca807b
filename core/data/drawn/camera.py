"""A pinhole camera in a world of metres: x right, y up, the floor at y = 0.

The camera frame is OpenGL's, as `cv2.triangleRasterize` wants it: x right, y up, z backwards.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from.

    Attributes:
        size_wh_px: width and height of the picture.
        focal_px: focal length; the principal point is the picture's middle.
        position_m: (3,) in the world.
        rotation: (3, 3) world to camera.
    """

    size_wh_px: tuple[int, int]
    focal_px: float
    position_m: FloatArray
    rotation: FloatArray

    @property
    def world_to_camera(self) -> NDArray[np.float32]:
        """(4, 4) float32."""
        matrix = np.eye(4, dtype=np.float32)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = -self.rotation @ self.position_m
        return matrix

    @property
    def field_of_view_y(self) -> float:
        """Vertical field of view in radians."""
        return float(2 * np.arctan(self.size_wh_px[1] / 2 / self.focal_px))

    def depth_of(self, points_m: FloatArray) -> FloatArray:
        """(..., ) distance of world points along the viewing direction, metres."""
        depth: FloatArray = -(points_m - self.position_m) @ self.rotation[2]
        return depth

    def project(self, points_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """World points (..., 3) as pixels (..., 2), pixel centres whole, and depth in metres.

        Points nearer than 5 cm are treated as 5 cm away, so that the result stays finite.
        """
        in_camera = (points_m - self.position_m) @ self.rotation.T
        depth = -in_camera[..., 2]
        scale = self.focal_px / np.maximum(depth, 0.05)
        middle = np.array(self.size_wh_px) / 2 - 0.5
        xy = np.stack([in_camera[..., 0] * scale, -in_camera[..., 1] * scale], axis=-1)
        return xy + middle, depth

    def floor_homography(self) -> FloatArray:
        """(3, 3) from floor metres (x, z, 1) to pixels."""
        middle = np.array(self.size_wh_px) / 2 - 0.5
        intrinsics = np.array(
            [[self.focal_px, 0, -middle[0]], [0, -self.focal_px, -middle[1]], [0, 0, -1.0]]
        )
        origin = -self.rotation @ self.position_m
        matrix: FloatArray = intrinsics @ np.column_stack(
            [self.rotation[:, 0], self.rotation[:, 2], origin]
        )
        return matrix


def camera_at(
    size_wh_px: tuple[int, int],
    *,
    focal_px: float,
    position_m: tuple[float, float, float],
    pitch_deg: float,
    roll_deg: float = 0.0,
) -> Camera:
    """A camera that looks along -z, turned down by `pitch_deg` and tilted by `roll_deg`."""
    pitch, roll = np.radians([pitch_deg, roll_deg])
    down = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    tilt = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1.0]]
    )
    return Camera(size_wh_px, focal_px, np.array(position_m, dtype=float), tilt @ down)

"""python reference.py: writes ten-bit.mp4 (ffmpeg) and ten-bit.rgb, its frames as decord 0.6.0 decodes them, RGB bytes."""
import subprocess
import decord

subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=64x32:r=2:d=2", "-c:v", "libx264", "-pix_fmt",
                "yuv420p10le", "-x264-params", "bframes=0", "-map_metadata", "-1", "-fflags", "+bitexact", "ten-bit.mp4"], check=True)
video = decord.VideoReader("ten-bit.mp4")
open("ten-bit.rgb", "wb").write(video.get_batch(range(len(video))).asnumpy().tobytes())

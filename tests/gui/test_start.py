"""What a start touches stays light."""

import subprocess
import sys

HEAVY = {
    "numpy", "faiss", "onnxruntime", "onnx", "tokenizers", "llama_cpp", "httpx2", "apsw", "keyring", "pypdfium2",
    "markdown_it", "pygments", "cryptography", "lumbre.assistant.assistant", "lumbre.frontends.gui.library_page",
}  # fmt: skip

PROGRAM = """
import sys
from pathlib import Path
from lumbre.core.paths import Home
from lumbre.core.settings import Settings
from lumbre.frontends.gui.app import Program, application
from lumbre.frontends.gui.single import Wish

app = application()
program = Program(app, lambda ask: app.quit(), Home(Path(sys.argv[1])), Settings())
program.start(Wish())
program.window.grab()
print(" ".join(sys.modules))
"""


def test_nothing_heavy_is_imported_before_the_window_is_painted(tmp_path):
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY == set()

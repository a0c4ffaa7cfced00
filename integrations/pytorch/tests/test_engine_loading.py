"""Configurations that the engine refuses before it loads weights."""

import json

import pytest
import transformers
from seats_trace.engine import _loading
from seats_trace.engine._wire import Refused

IS_OLD = int(transformers.__version__.split(".")[0]) < 5


def written(folder, text):
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen3_vl", "text_config": text}))
    return folder


def test_rope_parameters_alone_are_refused_by_transformers_4(tmp_path):
    folder = written(tmp_path, {"rope_parameters": {"rope_theta": 5e6}})
    if IS_OLD:
        with pytest.raises(Refused, match="rope_parameters"):
            _loading._config(folder)
    else:
        assert _loading._config(folder)["model_type"] == "qwen3_vl"


def test_a_layout_that_both_versions_read_is_accepted(tmp_path):
    assert _loading._config(written(tmp_path, {"rope_theta": 5e6, "rope_parameters": {}}))

"""Writes `decoders/`: small matrices quantised by the public writers, and what the public decoders make of them.

    pip install torch safetensors compressed-tensors==0.20.0 transformers==5.23.0 gptqmodel==7.7.0 autoawq==0.2.7.post3
    python decoders.py

gptqmodel and autoawq may lie unpacked in PYTHONPATH: only their plain torch code is used. Every case is a
directory with config.json, model.safetensors and expected.safetensors: the matrices as the decoder returns
them, in its type. Seeds are the cases' places in the list.
"""
import importlib.util, json, os, sys
import torch
from safetensors.torch import save_file

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "decoders")
CASES = []


def case(function):
    CASES.append(function)
    return function


def matrices(shapes):
    """Random matrices of these shapes; matrices as they are."""
    for module, shape in shapes.items():
        if isinstance(shape, torch.Tensor):
            yield module, shape
        else:
            yield module, torch.randn(shape) * torch.rand(shape[0], 1) * 0.2


def write(name, config, tensors, expected):
    directory = os.path.join(ROOT, name)
    tensors, expected = ({f"model.{k}": v for k, v in found.items()} for found in (tensors, expected))
    os.makedirs(directory, exist_ok=True)
    json.dump(config, open(os.path.join(directory, "config.json"), "w"), indent=1)
    save_file({k: v.contiguous() for k, v in tensors.items()}, os.path.join(directory, "model.safetensors"))
    save_file({k: v.contiguous() for k, v in expected.items()}, os.path.join(directory, "expected.safetensors"))


# compressed-tensors -------------------------------------------------------------------------------------------------


def compressed(name, shapes, dtype=torch.bfloat16, order=False, place="root", **weights):
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    from compressed_tensors.quantization.utils import calculate_qparams

    activations = weights.pop("activations", None)
    args = QuantizationArgs(**weights)
    scheme = QuantizationScheme(
        targets=["Linear"], weights=args, input_activations=QuantizationArgs(**activations) if activations else None
    )
    from compressed_tensors.compressors.format import infer_module_format

    form = infer_module_format(torch.nn.Linear, scheme)
    compressor = BaseCompressor.get_value_from_registry(form.value)
    tensors, expected = {}, {}
    for module, weight in matrices(shapes):
        outputs, inputs = weight.shape
        weight = weight.to(dtype)
        wide = weight.float()
        if args.strategy == "tensor":
            low, high = wide.min().view(1), wide.max().view(1)
        elif args.strategy == "channel":
            low, high = wide.amin(1, keepdim=True), wide.amax(1, keepdim=True)
        elif args.strategy == "group":
            groups = wide.unflatten(-1, (-1, args.group_size))
            low, high = groups.amin(-1), groups.amax(-1)
        else:
            height, width = args.block_structure
            padded = torch.nn.functional.pad(wide, (0, -inputs % width, 0, -outputs % height))
            blocks = padded.unflatten(0, (-1, height)).unflatten(-1, (-1, width))
            low, high = blocks.amin((1, 3)), blocks.amax((1, 3))
        scale, zero = calculate_qparams(low, high, args)
        state = {"weight": weight, "weight_scale": scale.to(dtype)}
        if not args.symmetric:
            state["weight_zero_point"] = zero.to(torch.int8)
        state = compressor.compress(state, scheme)
        for key, value in state.items():
            tensors[f"{module}.{key}"] = value
        expected[f"{module}.weight"] = compressor.decompress(state, scheme)["weight"]
    config = {
        "quant_method": "compressed-tensors", "format": form.value, "ignore": ["lm_head"],
        "quantization_status": "compressed",
        "config_groups": {"group_0": json.loads(scheme.model_dump_json())},
    }
    config = {"quantization_config": config}
    if place == "text":
        config = {"thinker_config": {"text_config": config}}
    write(name, {"dtype": str(dtype).split(".")[1], **config}, tensors, expected)


SHAPES = {"a": (48, 64), "b": (24, 192)}
ODD = {"a": (21, 64), "b": (9, 32)}
INT = dict(type="int", strategy="group", group_size=32)


@case
def pack_int4_group_symmetric():
    compressed("pack-int4-group-symmetric", SHAPES, num_bits=4, symmetric=True, **INT)


@case
def pack_int4_group_asymmetric():
    compressed("pack-int4-group-asymmetric", ODD, num_bits=4, symmetric=False, place="text", **INT)


@case
def pack_int4_channel_float16():
    compressed("pack-int4-channel-float16", {"a": (21, 50)}, torch.float16, num_bits=4, symmetric=False, type="int",
               strategy="channel")


@case
def pack_int8_channel():
    compressed("pack-int8-channel", {"a": (21, 50)}, num_bits=8, symmetric=True, type="int", strategy="channel")


@case
def pack_int8_group_float32():
    compressed("pack-int8-group-float32", ODD, torch.float32, num_bits=8, symmetric=False, **INT)


@case
def pack_int3_group():
    compressed("pack-int3-group", {"a": (21, 96), "b": (5, 32)}, num_bits=3, symmetric=False, **INT)


@case
def pack_int4_tensor():
    compressed("pack-int4-tensor", {"a": (21, 50)}, num_bits=4, symmetric=True, type="int", strategy="tensor")


W8A8 = dict(num_bits=8, dynamic=True, strategy="token")


@case
def int8_channel():
    compressed("int8-channel", {"a": (21, 50)}, num_bits=8, symmetric=True, type="int", strategy="channel",
               activations=dict(type="int", **W8A8))


@case
def int8_tensor_asymmetric():
    compressed("int8-tensor-asymmetric", {"a": (21, 50)}, torch.float16, num_bits=8, symmetric=False, type="int",
               strategy="tensor", activations=dict(type="int", **W8A8))


@case
def float8_channel():
    compressed("float8-channel", {"a": (21, 50)}, num_bits=8, symmetric=True, type="float", strategy="channel",
               activations=dict(type="float", **W8A8))


@case
def float8_tensor():
    compressed("float8-tensor", {"a": (21, 50)}, num_bits=8, symmetric=True, type="float", strategy="tensor",
               activations=dict(type="float", **W8A8))


@case
def float8_block_ragged():
    compressed("float8-block-ragged", {"a": (150, 256), "b": (20, 40)}, num_bits=8, symmetric=True, type="float",
               strategy="block", block_structure=[128, 128],
               activations=dict(num_bits=8, type="float", dynamic=True, strategy="group", group_size=128))


# transformers' FP8 --------------------------------------------------------------------------------------------------


def fine_grained(name, shapes, block, dtype=torch.bfloat16, method="fp8", key="weight_scale_inv"):
    """Blocks that divide the matrix are written and decoded by transformers' own operations; others by their formula."""
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize, Fp8Quantize
    from transformers.utils.quantization_config import FineGrainedFP8Config

    class Quantizer:
        quantization_config = FineGrainedFP8Config(weight_block_size=block)

    tensors, expected = {}, {}
    for module, weight in matrices(shapes):
        outputs, inputs = weight.shape
        height, width = block or (outputs, inputs)
        if outputs % height == 0 and inputs % width == 0:
            done = Fp8Quantize(Quantizer()).convert({f"{module}.weight": weight})
            code, scale = done[f"{module}.weight"], done[f"{module}.weight_scale_inv"]
            plain = Fp8Dequantize(Quantizer())._dequantize_one(code, scale, dtype)
        else:
            rows, columns = -(-outputs // height), -(-inputs // width)
            scale = torch.rand(rows, columns) * 0.01 + 0.001
            wide = scale.repeat_interleave(height, 0)[:outputs].repeat_interleave(width, 1)[:, :inputs]
            code = (weight / wide).clamp(-448, 448).to(torch.float8_e4m3fn)
            plain = (code.float() * wide).to(dtype)
        if block is None:
            scale = scale.reshape(())
        tensors[f"{module}.weight"], tensors[f"{module}.{key}"] = code, scale
        expected[f"{module}.weight"] = plain
    config = {"quant_method": method, "activation_scheme": "dynamic", "weight_block_size": block}
    write(name, {"torch_dtype": str(dtype).split(".")[1], "quantization_config": config}, tensors, expected)


@case
def fp8_block():
    fine_grained("fp8-block", {"a": (128, 256), "b": (256, 128)}, [128, 128])


@case
def fp8_block_ragged():
    fine_grained("fp8-block-ragged", {"a": (150, 300), "b": (40, 130)}, [128, 128])


@case
def fp8_block_small_float16():
    fine_grained("fp8-block-small-float16", {"a": (48, 64)}, [16, 32], torch.float16)


@case
def fp8_one_scale():
    fine_grained("fp8-one-scale", {"a": (21, 50)}, None, torch.float32)


@case
def fp8_codes():
    """Every code of float8_e4m3fn but the two that are not numbers."""
    code = torch.arange(256, dtype=torch.uint8)
    code[127], code[255] = 0, 0
    code = code.view(torch.float8_e4m3fn).view(16, 16)
    scale = torch.rand(16, 1) * 0.01
    config = {"quant_method": "fbgemm_fp8"}
    write("fp8-codes", {"torch_dtype": "bfloat16", "quantization_config": config},
          {"a.weight": code, "a.weight_scale": scale}, {"a.weight": (code.float() * scale).to(torch.bfloat16)})


# GPTQ ---------------------------------------------------------------------------------------------------------------


def words(table, bits):
    """Packs rows of codes into 32-bit words, along the rows."""
    parts = table.unflatten(0, (-1, 32 // bits)) << (bits * torch.arange(32 // bits))[None, :, None]
    packed = parts.sum(1)
    return torch.where(packed >= 2**31, packed - 2**32, packed).to(torch.int32)


def gptq(name, shapes, bits, size, symmetric, order=False, form="gptq", config=None, mixed=None, dtype=torch.float16):
    from gptqmodel.nn_modules.qlinear.torch import TorchLinear
    from gptqmodel.utils.model import convert_gptq_v2_to_v1_format_module
    from gptqmodel.quantization import QuantizeConfig

    tensors, expected = {}, {}
    for module, weight in matrices(shapes):
        outputs, inputs = weight.shape
        width = (mixed or {}).get(module, bits)
        group = inputs if size == -1 else size
        index = torch.arange(inputs, dtype=torch.int32) // group
        if order:
            index = index[torch.randperm(inputs)]
        count = -(-inputs // group)
        top = 2**width - 1
        scale, zero = torch.zeros(outputs, count), torch.zeros(outputs, count)
        for g in range(count):
            part = weight[:, index == g]
            if symmetric:
                scale[:, g] = 2 * part.abs().amax(1) / top
                zero[:, g] = (top + 1) // 2
            else:
                low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
                scale[:, g] = (high - low) / top
                zero[:, g] = torch.round(-low / scale[:, g]).clamp(1, top)
        linear = torch.nn.Linear(inputs, outputs, bias=False)
        linear.weight.data = weight
        layer = TorchLinear(bits=width, group_size=size, sym=symmetric, desc_act=order, in_features=inputs,
                            out_features=outputs, bias=False)
        if inputs % 32 == 0 and outputs % 32 == 0:
            layer.pack_block(linear, scale.to(dtype), zero, index)
        else:
            # gptqmodel packs multiples of 32 inputs, AutoGPTQ wrote any whole words: the same words.
            wide = scale.to(dtype).float()
            code = torch.round(weight / wide[:, index] + zero[:, index]).clamp(0, top).to(torch.int64)
            layer.qweight = words(code.T.contiguous(), width)
            layer.qzeros = words(zero.to(torch.int64).contiguous(), width).T.contiguous()
            layer.scales = scale.to(dtype).T.contiguous()
            layer.g_idx = index
        layer.qzero_format(format=2)
        layer.scales = layer.scales.to(dtype)
        layer.post_init()
        plain = layer.dequantize_weight().T.contiguous()
        assert plain.dtype == dtype, plain.dtype
        miss = (plain.float() - weight).abs().max() / scale.max()
        assert miss < 1.01, (name, miss)
        if form == "gptq":
            convert_gptq_v2_to_v1_format_module(layer, QuantizeConfig(bits=width, group_size=size))
        for key in ("qweight", "qzeros", "scales") + (("g_idx",) if order or form == "gptq" else ()):
            tensors[f"{module}.{key}"] = getattr(layer, key).clone()
        expected[f"{module}.weight"] = plain
    config = config or {"quant_method": "gptq", "checkpoint_format": form}
    config = {**config, "bits": bits, "group_size": size, "sym": symmetric, "desc_act": order}
    if mixed:
        config["dynamic"] = {f"+:.*{m}": {"bits": b} for m, b in mixed.items()}
    write(name, {"torch_dtype": "bfloat16", "quantization_config": config}, tensors, expected)


GPTQ = {"a": (64, 96), "b": (32, 192)}


@case
def gptq_symmetric():
    gptq("gptq-symmetric", GPTQ, 4, 32, True)


@case
def gptq_ordered():
    gptq("gptq-ordered", GPTQ, 4, 32, False, order=True)


@case
def gptq_v2():
    gptq("gptq-v2", GPTQ, 4, 32, False, form="gptq_v2")


@case
def gptq_int8_ragged():
    gptq("gptq-int8-ragged", {"a": (64, 96)}, 8, 64, False)


@case
def gptq_int3():
    gptq("gptq-int3", GPTQ, 3, 32, False)


@case
def gptq_int2_channel():
    gptq("gptq-int2-channel", GPTQ, 2, -1, False, order=True)


@case
def gptq_mixed():
    gptq("gptq-mixed", GPTQ, 4, 32, True, mixed={"b": 8})


@case
def gptq_bfloat16():
    gptq("gptq-bfloat16", GPTQ, 4, 32, False, dtype=torch.bfloat16)


@case
def autoround_gptq():
    gptq("autoround-gptq", GPTQ, 4, 32, True,
         config={"quant_method": "auto-round", "packing_format": "auto_round:auto_gptq", "data_type": "int"})


@case
def autoround_plain():
    gptq("autoround-plain", GPTQ, 4, 32, False, form="gptq_v2",
         config={"quant_method": "auto-round", "packing_format": "auto_round", "data_type": "int"})


# AWQ ----------------------------------------------------------------------------------------------------------------


def awq(name, shapes, size, config=None):
    spec = importlib.util.find_spec("awq")
    path = os.path.join(spec.submodule_search_locations[0], "utils", "packing_utils.py")
    spec = importlib.util.spec_from_file_location("packing_utils", path)
    packing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(packing)
    tensors, expected = {}, {}
    for module, weight in matrices(shapes):
        outputs, inputs = weight.shape
        group = inputs if size == -1 else size
        groups = weight.unflatten(1, (-1, group))
        low, high = groups.amin(-1), groups.amax(-1)
        scale = ((high - low) / 15).half()
        zero = torch.round(-low / scale.float()).clamp(0, 15).to(torch.int32)
        code = torch.round(groups / scale.float()[..., None] + zero[..., None]).clamp(0, 15).to(torch.int32).flatten(1)

        def pack(table):
            words = torch.zeros(table.shape[0], table.shape[1] // 8, dtype=torch.int32)
            for place, column in enumerate(packing.AWQ_ORDER):
                words |= table[:, column::8] << (4 * place)
            return words

        qweight, qzeros, scales = pack(code.T.contiguous()), pack(zero.T.contiguous()), scale.T.contiguous()
        plain = packing.dequantize_gemm(qweight, qzeros, scales, 4, group).T.contiguous()
        assert (plain.float() - weight).abs().max() < 2 * scale.max()
        tensors |= {f"{module}.qweight": qweight, f"{module}.qzeros": qzeros, f"{module}.scales": scales}
        expected[f"{module}.weight"] = plain
    config = config or {"quant_method": "awq", "version": "gemm", "zero_point": True}
    config = {**config, "bits": 4, "group_size": size}
    write(name, {"thinker_config": {"quantization_config": config}}, tensors, expected)


@case
def awq_group():
    awq("awq-group", {"a": (48, 64), "b": (8, 192)}, 32)


@case
def awq_channel():
    awq("awq-channel", {"a": (48, 64)}, -1)


@case
def autoround_awq():
    awq("autoround-awq", {"a": (48, 64)}, 32,
        config={"quant_method": "auto-round", "packing_format": "auto_round:auto_awq", "sym": False})


if __name__ == "__main__":
    for seed, function in enumerate(CASES):
        if len(sys.argv) < 2 or function.__name__ in sys.argv[1:]:
            torch.manual_seed(seed)
            function()
            print(function.__name__)

"""Four Qwen2 layers in one weight type in llama.cpp, through llama-cpp-python."""

import pathlib
import sys
import tempfile

import gguf
import llama_cpp
import numpy

import shape
from protocol import serve, timed

# Few, so that the head costs nothing.
VOCABULARY = 256
LONGEST = 4096


def write_model(path):
    random = numpy.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_block_count(shape.LAYERS)
    writer.add_context_length(LONGEST)
    writer.add_embedding_length(shape.WIDTH)
    writer.add_feed_forward_length(shape.INNER)
    writer.add_head_count(shape.HEADS)
    writer.add_head_count_kv(shape.KEY_HEADS)
    writer.add_rope_freq_base(shape.ROTARY_BASE)
    writer.add_layer_norm_rms_eps(shape.EPSILON)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    writer.add_tokenizer_model("no_vocab")
    writer.add_vocab_size(VOCABULARY)

    def matrix(name, rows, columns):
        numbers = random.standard_normal((rows, columns), dtype=numpy.float32) * 0.02
        halves = gguf.quants.quantize(numbers, gguf.GGMLQuantizationType.BF16)
        writer.add_tensor(name, halves, raw_dtype=gguf.GGMLQuantizationType.BF16)

    def vector(name, count, value):
        writer.add_tensor(name, numpy.full(count, value, dtype=numpy.float32))

    matrix("token_embd.weight", VOCABULARY, shape.WIDTH)
    matrix("output.weight", VOCABULARY, shape.WIDTH)
    vector("output_norm.weight", shape.WIDTH, 1)
    keys = shape.KEY_HEADS * shape.HEAD_WIDTH
    for index in range(shape.LAYERS):
        block = f"blk.{index}."
        for name, outputs in (("q", shape.WIDTH), ("k", keys), ("v", keys)):
            matrix(f"{block}attn_{name}.weight", outputs, shape.WIDTH)
            vector(f"{block}attn_{name}.bias", outputs, 0)
        matrix(block + "attn_output.weight", shape.WIDTH, shape.WIDTH)
        matrix(block + "ffn_gate.weight", shape.INNER, shape.WIDTH)
        matrix(block + "ffn_up.weight", shape.INNER, shape.WIDTH)
        matrix(block + "ffn_down.weight", shape.WIDTH, shape.INNER)
        vector(block + "attn_norm.weight", shape.WIDTH, 1)
        vector(block + "ffn_norm.weight", shape.WIDTH, 1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def converted(path, kind):
    """The same model in another weight type, every matrix in it."""
    if kind == "BF16":
        return path
    types = {
        "F16": llama_cpp.LLAMA_FTYPE_MOSTLY_F16, "Q8_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0,
        "Q4_K": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_S}
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype = types[kind]
    settings.pure = True
    result = path.with_suffix(f".{kind}.gguf")
    if llama_cpp.llama_model_quantize(str(path).encode(), str(result).encode(), settings) != 0:
        sys.exit(f"llama.cpp does not convert the model to {kind}.")
    path.unlink()
    return result


def context(path, threads):
    model = llama_cpp.llama_model_load_from_file(
        str(path).encode(), llama_cpp.llama_model_default_params())
    if not model:
        sys.exit("llama.cpp does not load the random model.")
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = LONGEST
    settings.n_batch = LONGEST
    settings.n_ubatch = 512
    settings.n_threads = settings.n_threads_batch = threads
    made = llama_cpp.llama_init_from_model(model, settings)
    if not made:
        sys.exit("llama.cpp makes no context.")
    return made


def batch_of(tokens, every):
    batch = llama_cpp.llama_batch_init(tokens, 0, 1)
    batch.n_tokens = tokens
    for index in range(tokens):
        batch.token[index] = index * index % VOCABULARY
        batch.pos[index] = index
        batch.n_seq_id[index] = 1
        batch.seq_id[index][0] = 0
        batch.logits[index] = every or index == tokens - 1
    return batch


def main():
    threads, kind = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "BF16"
    llama_cpp.llama_backend_init()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "four-layers.gguf"
        write_model(path)
        made = context(converted(path, kind), threads)

    def prefill(tokens, every):
        batch = batch_of(tokens, every)
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(made), True)

        def decode():
            if llama_cpp.llama_decode(made, batch) != 0:
                sys.exit(f"llama.cpp does not take {tokens} tokens.")
            llama_cpp.llama_synchronize(made)

        laps = timed(decode)
        llama_cpp.llama_batch_free(batch)
        return laps

    instructions = llama_cpp.llama_print_system_info().decode().split("|")
    used = [part.split(":")[-1].split("=")[0].strip() for part in instructions if "= 1" in part]
    serve({
        "threads": threads, "type": kind, "instructions": " ".join(used),
        "version": llama_cpp.__version__}, lambda tokens: {
        "every": prefill(tokens, True), "last": prefill(tokens, False)})


main()

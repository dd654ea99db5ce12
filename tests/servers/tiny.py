"""A llama.cpp server with random weights: real grammar, tools, streams and errors; the meaning is noise.

`python tiny.py FOLDER` writes a model there, serves it on a free port of 127.0.0.1 and prints the
port. It ends when its standard input is closed. Needs the extra `models`: xllamacpp and gguf.
"""

import sys
from pathlib import Path

import numpy as np

WIDTH, LAYERS, HEADS, INNER, CONTEXT = 64, 2, 4, 128, 8192
SPECIAL = (
    "<|bos|>", "<|im_end|>", "<|im_start|>", "<pad>",
    "<tool_call>", "</tool_call>", "<think>", "</think>",
)  # fmt: skip
TEMPLATE = (
    "{%- if tools %}<|im_start|>system\nCall a function:\n"
    "{%- for tool in tools %}\n{{ tool | tojson }}{%- endfor %}\n"
    '<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call><|im_end|>\n{% endif %}'
    "{%- for message in messages %}"
    "{%- if message.role == 'assistant' and message.tool_calls %}<|im_start|>assistant\n"
    "{{ message.content or '' }}{%- for call in message.tool_calls %}"
    '{%- set call = call.function if call.function else call %}\n<tool_call>\n{"name": '
    '"{{ call.name }}", "arguments": '
    "{{ call.arguments if call.arguments is string else call.arguments | tojson }}}\n</tool_call>"
    "{%- endfor %}<|im_end|>\n"
    "{% else %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endif %}"
    "{%- endfor %}{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def alphabet() -> list[str]:
    """Return the printable stand-in of each byte, as byte-level vocabularies write it."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(spare)) for b in range(256)]


def write(path: Path, seed: int = 0) -> None:
    """Write a model of random weights whose words are bytes.

    A channel that is the same for every token works as a bias of the output: it prefers letters,
    closing quotes and brackets, and the end, so that what a grammar leaves open ends soon.
    """
    import gguf

    rng = np.random.default_rng(seed)

    def noise(*shape: int, scale: float) -> np.ndarray:
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    kinds = gguf.TokenType
    words = [*alphabet(), *SPECIAL, "th"]
    control = [kinds.USER_DEFINED if w in SPECIAL[4:] else kinds.CONTROL for w in SPECIAL]
    file = gguf.GGUFWriter(str(path), "llama")
    file.add_name("tiny-random")
    file.add_context_length(CONTEXT)
    file.add_embedding_length(WIDTH)
    file.add_block_count(LAYERS)
    file.add_feed_forward_length(INNER)
    file.add_head_count(HEADS)
    file.add_head_count_kv(HEADS)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(WIDTH // HEADS)
    file.add_vocab_size(len(words))
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("gpt-2")
    file.add_token_list(words)
    file.add_token_types([*[kinds.NORMAL] * 256, *control, kinds.NORMAL])
    file.add_token_merges(["t h"])
    file.add_bos_token_id(256)
    file.add_eos_token_id(257)
    file.add_pad_token_id(259)
    file.add_add_bos_token(False)
    file.add_chat_template(TEMPLATE)
    into = noise(len(words), WIDTH, scale=0.5)
    into[:, 0] = 4.0
    file.add_tensor("token_embd.weight", into)
    out = noise(len(words), WIDTH, scale=0.3)
    out[:, 0] = -3.0
    letters = [*range(ord("a"), ord("z") + 1), ord(" ")]
    out[letters, 0] = 0.3
    out[list(b"0123456789"), 0] = 0.0
    out[list(b'"}]'), 0] = 1.0
    out[257, 0] = 0.6
    file.add_tensor("output.weight", out)
    file.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            file.add_tensor(f"{at}{name}.weight", np.ones(WIDTH, np.float32))
        for name in ("attn_q", "attn_k", "attn_v"):
            file.add_tensor(f"{at}{name}.weight", noise(WIDTH, WIDTH, scale=0.1))
        for name in ("ffn_gate", "ffn_up"):
            file.add_tensor(f"{at}{name}.weight", noise(INNER, WIDTH, scale=0.1))
        for name, width in (("attn_output", WIDTH), ("ffn_down", INNER)):
            weights = noise(WIDTH, width, scale=0.1)
            weights[0] = 0.0  # the constant channel stays constant
            file.add_tensor(f"{at}{name}.weight", weights)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def serve(folder: Path) -> None:
    """Serve until standard input is closed."""
    import xllamacpp

    path = folder / "tiny.gguf"
    write(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.hostnames = ["127.0.0.1"]
    params.port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    params.warmup = False
    params.use_jinja = True
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

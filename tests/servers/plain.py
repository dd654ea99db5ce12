"""Transformers' own server with random weights: no grammar, no schema, and words that mean nothing.

`python plain.py FOLDER PORT`, in an environment that holds `transformers[serving]` and torch, writes a
model there and serves it on that port of 127.0.0.1. It ends when its standard input is closed.
"""

import os
import subprocess
import sys
from pathlib import Path

WIDTH, LAYERS, HEADS, INNER, CONTEXT = 64, 2, 4, 128, 8192
END, START, PAD = "<|im_end|>", "<|im_start|>", "<pad>"
TEMPLATE = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{%- endfor %}{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write(folder: Path, seed: int = 0) -> None:
    """Write a model of random weights whose words are bytes, as Transformers stores one."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {w: i for i, w in enumerate([*alphabet, END, START, PAD])}
    own = Tokenizer(models.BPE(vocab=words, merges=[]))
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=own, eos_token=END, pad_token=PAD, additional_special_tokens=[START]
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(words), hidden_size=WIDTH, intermediate_size=INNER,
        num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=HEADS,
        max_position_embeddings=CONTEXT, eos_token_id=words[END], pad_token_id=words[PAD],
        bos_token_id=None, initializer_range=0.3,
    ))  # fmt: skip
    model.save_pretrained(folder)


def serve(folder: Path, port: int) -> None:
    """Serve until standard input is closed."""
    write(folder)
    at_home = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HOME": str(folder / "home"),
               "OMP_NUM_THREADS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}  # fmt: skip
    with subprocess.Popen(
        [str(Path(sys.executable).with_name("transformers")), "serve", str(folder),
         "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        env={**os.environ, **at_home}, stdin=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        sys.stdin.read()
        server.terminate()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

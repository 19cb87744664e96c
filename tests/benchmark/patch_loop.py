"""The patch loop that a user of PyTorch would write for SpectralMamba (200 bands, defaults), on one thread.

    patch_loop.py [BATCH]     prints pixels per second (Debian: python3-torch)

Random weights: time does not depend on them. Sections of models/spectralmamba.md in comments.
"""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

BANDS, CLASSES, PATCH, PIECE, WIDTH, INNER, STATES, TAPS, RANK = 200, 16, 3, 6, 32, 64, 16, 4, 2


class S6(nn.Module):  # 2.3
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(WIDTH, 2 * INNER, bias=False)
        self.conv = nn.Conv1d(INNER, INNER, TAPS, groups=INNER, padding=TAPS - 1)
        self.x_proj = nn.Linear(INNER, RANK + 2 * STATES, bias=False)
        self.dt_proj = nn.Linear(RANK, INNER)
        self.A_log = nn.Parameter(torch.log(torch.arange(1.0, STATES + 1)).repeat(INNER, 1))
        self.D = nn.Parameter(torch.ones(INNER))
        self.out_proj = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, tokens):
        length = tokens.shape[1]
        x, z = self.in_proj(tokens).chunk(2, -1)
        u = F.silu(self.conv(x.transpose(1, 2))[..., :length].transpose(1, 2))
        low, B, C = self.x_proj(u).split([RANK, STATES, STATES], -1)
        delta = F.softplus(self.dt_proj(low))
        decay = torch.exp(delta.unsqueeze(-1) * -torch.exp(self.A_log))
        step = (delta * u).unsqueeze(-1) * B.unsqueeze(2)
        h = torch.zeros_like(step[:, 0])
        y = []
        for t in range(length):
            h = decay[:, t] * h + step[:, t]
            y.append((h * C[:, t].unsqueeze(1)).sum(-1))
        return self.out_proj((torch.stack(y, 1) + self.D * u) * F.silu(z))


class SpectralMamba(nn.Module):
    def __init__(self):
        super().__init__()
        self.dw = nn.Conv2d(BANDS, BANDS, 3, padding=1, groups=BANDS)
        self.pw = nn.Conv2d(BANDS, BANDS, 1)
        self.embed = nn.Linear(PIECE, WIDTH)
        self.norm, self.mixer = nn.LayerNorm(WIDTH), S6()
        self.last, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        s = (torch.sigmoid(self.pw(self.dw(x))) * x).sum((2, 3))  # 2.1
        s = F.pad(s, (0, -BANDS % PIECE)).reshape(len(s), -1, PIECE)  # 2.2
        tokens = self.embed(s)
        tokens = tokens + self.mixer(self.norm(tokens))
        return self.head(self.last(tokens).mean(1))  # 2.4


def main():
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    torch.set_num_threads(1)
    network = SpectralMamba().eval()
    scene = torch.randn(BANDS, 34, 66)
    patches = scene.unfold(1, PATCH, 1).unfold(2, PATCH, 1).permute(1, 2, 0, 3, 4).reshape(-1, BANDS, PATCH, PATCH)
    best = 0
    with torch.inference_mode():
        for _ in range(5):
            begin = time.perf_counter()
            for at in range(0, len(patches), batch):
                network(patches[at:at + batch].contiguous()).argmax(1)
            best = max(best, len(patches) / (time.perf_counter() - begin))
    print(round(best))


if __name__ == "__main__":
    main()

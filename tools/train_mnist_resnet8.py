#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the ResNet-8 for MNIST that `snnsim demo` converts, and writes its NumPy dump.

Needs PyTorch and NumPy (Debian: python3-torch, python3-numpy) and the MNIST files
mnist_train.npz and mnist_test.npz (`images` u8 [N,28,28], `labels` u8).

    python3 tools/train_mnist_resnet8.py --data DIR --out weights/

About 8 minutes on one core. Trained on the 60,000 training images only; the test images are read
once, after the last epoch, for the figure that is printed. The last weights are kept, nothing is
selected by test error.
"""
import argparse
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

MEAN, STD = 0.1307, 0.3081


class Block(nn.Module):
    """Basic block; where the width changes the shortcut is strided and zero-padded (option A)."""

    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.pad = planes // 4 if inputs != planes else 0

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.pad:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(y + x)


class ResNet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2))
        self.layer3 = nn.Sequential(Block(32, 64, 2))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def load(path):
    with np.load(path) as z:
        return z["images"], z["labels"].astype(np.int64)


def normalise(images):
    return (torch.from_numpy(images).float().div_(255) - MEAN).div_(STD).unsqueeze(1)


def augment(x, rng):
    """Small random rotation, scale and shift of every image."""
    n = x.shape[0]
    angle = torch.from_numpy(rng.uniform(-0.2, 0.2, n)).float()
    scale = torch.from_numpy(rng.uniform(0.9, 1.1, n)).float()
    shift = torch.from_numpy(rng.uniform(-2 / 14, 2 / 14, (n, 2))).float()
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = torch.cos(angle) * scale
    theta[:, 0, 1] = -torch.sin(angle) * scale
    theta[:, 1, 0] = torch.sin(angle) * scale
    theta[:, :, 2] = shift
    grid = F.affine_grid(theta, x.shape, align_corners=False)
    background = -MEAN / STD
    return F.grid_sample(x - background, grid, align_corners=False) + background


def accuracy(net, x, labels):
    net.eval()
    right = 0
    with torch.no_grad():
        for i in range(0, len(x), 500):
            right += int((net(x[i : i + 500]).argmax(1) == labels[i : i + 500]).sum())
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of mnist_train.npz, mnist_test.npz")
    parser.add_argument("--out", default="weights", help="folder to write to")
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--demo-images", type=int, default=300)
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    images, labels = load(os.path.join(args.data, "mnist_train.npz"))
    x, y = normalise(images), torch.from_numpy(labels)
    net = ResNet8()
    batch = 128
    steps = args.epochs * (len(x) // batch)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.2, total_steps=steps, pct_start=0.2)
    for epoch in range(args.epochs):
        net.train()
        start, total = time.time(), 0.0
        order = torch.from_numpy(rng.permutation(len(x)))
        for i in range(len(x) // batch):
            pick = order[i * batch : (i + 1) * batch]
            loss = F.cross_entropy(net(augment(x[pick], rng)), y[pick], label_smoothing=0.02)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / (len(x) // batch):.4f}, {time.time() - start:.0f} s", flush=True)

    test_images, test_labels = load(os.path.join(args.data, "mnist_test.npz"))
    right = accuracy(net, normalise(test_images), torch.from_numpy(test_labels))
    print(f"test: {right} of {len(test_labels)} correct")
    dump = {k: v.numpy() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    os.makedirs(args.out, exist_ok=True)
    np.savez(os.path.join(args.out, "mnist_resnet8.npz"), **dump)
    n = args.demo_images
    np.savez_compressed(
        os.path.join(args.out, f"mnist_test_{n}.npz"),
        images=test_images[:n],
        labels=test_labels[:n].astype(np.uint8),
    )


if __name__ == "__main__":
    main()

package io.snnsim.kernel;

/** Window between a source and a target map. Immutable. */
public record Geometry(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padH,
    int padW,
    int dilationH,
    int dilationW) {}

package io.snnsim.network;

/** The window through which a {@link NeuronModel#MAX_GATE} population watches its source. */
public record GateProjection(String name, int source, int target, ConvGeometry geometry)
    implements Projection {}

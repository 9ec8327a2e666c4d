// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;

/** The window through which a {@link NeuronModel#MAX_GATE} population watches its source. */
public record GateProjection(String name, int source, int target, ConvGeometry geometry)
    implements Projection {}

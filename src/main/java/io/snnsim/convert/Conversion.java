// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.network.Network;

/** A converted network, how it came about, and the folded ANN that it stands for. Immutable. */
public record Conversion(Network network, ConversionReport report, AnnGraph foldedAnn) {}

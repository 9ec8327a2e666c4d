// SPDX-License-Identifier: Apache-2.0
/**
 * Converting a trained network to a spiking one inside another program: the same code as {@code
 * snnsim convert}, and the same bytes.
 *
 * <pre>{@code
 * ConvertedModel converted =
 *     Converter.convert(
 *         AnnSource.dump(Path.of("net.npz")),
 *         CalibrationData.file(Path.of("train.npz"), 500),
 *         ConversionOptions.of(Preset.LOW_LATENCY).normalisedBy(mean, std));
 * converted.write(Path.of("net.snn"), false);
 * try (Model model = converted.open(ModelOptions.DEFAULT)) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Images and tensors are float32 in C order; an image is [channel][y][x] before mean and
 * standard deviation are applied, usually 0 to 1. What is given in arrays is not copied and must
 * not change until the conversion has ended. A conversion uses the threads it is given, which end
 * with it, and as much heap as the ANN's activations of a batch of images; its result does not
 * depend on the number of threads.
 *
 * <p>Converting needs optional jars that running a model does not: Jackson's databind, jHDF for
 * HDF5 dumps, Chronicle Bytes for {@link io.snnsim.conversion.ConvertedModel#write}. A null
 * argument is the caller's defect: a {@link NullPointerException} whose message is the parameter's
 * name. Every other failure is an {@link io.snnsim.error.SnnsimException}: (missing jar) names the
 * jar to add.
 */
package io.snnsim.conversion;

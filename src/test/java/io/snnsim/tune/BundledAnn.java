// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import java.nio.file.Path;

/** The bundled network, folded, and some of the bundled images. */
record BundledAnn(Lowering lowering, ImageSet images) {
  static BundledAnn load(int count) {
    Imported imported =
        Architectures.build(WeightDump.read(Path.of("weights/mnist_resnet8.npz")), null);
    ImageSet images =
        ImageSet.read(Path.of("weights/mnist_test_300.npz"), imported.graph().inputShape());
    return new BundledAnn(
        new Lowering(BatchNormFolding.fold(imported.graph()).graph()), images.subset(0, count));
  }
}

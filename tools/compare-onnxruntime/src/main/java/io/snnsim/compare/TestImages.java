// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.Normalisation;
import io.snnsim.dump.ImageSet;

/**
 * Labelled images, before and after normalisation. Immutable and safe to share; allocates each
 * image anew.
 */
record TestImages(ImageSet set, Normalisation normalisation) {
  int count() {
    return set.count();
  }

  /** The first of them. */
  TestImages first(int most) {
    return new TestImages(set.subset(0, Math.min(most, count())), normalisation);
  }

  /** Image {@code i} as a contender wants it. */
  float[] image(int i, boolean normalised) {
    float[] image = new float[set.shape().size()];
    set.read(i, image);
    if (normalised) {
      for (int k = 0; k < image.length; k++) {
        image[k] = normalisation.of(image[k], k / set.shape().plane());
      }
    }
    return image;
  }

  /** How many of them a contender answers by their label. */
  int correct(Contender contender) {
    int correct = 0;
    for (int i = 0; i < count(); i++) {
      if (contender.classify(image(i, contender.normalised())) == set.label(i)) {
        correct++;
      }
    }
    return correct;
  }
}

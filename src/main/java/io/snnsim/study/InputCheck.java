// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.tune.Mixed;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/**
 * Tells images that a network was trained on from those that only have the right shape: a wrong
 * scale gives answers without a word of complaint. Labels decide where there are any; without them
 * the pixels' range does. Looks at some images, spread over all. Stateless; changes no result.
 */
public final class InputCheck {
  /** Images looked at, at most. */
  static final int MOST = 100;

  /** With fewer labelled images a bad share of right answers may be chance. */
  static final int FEWEST = 20;

  /** Multiply-adds that measuring the ANN may take beyond {@link #FEWEST} images; about 1 s. */
  private static final long MOST_WORK = 5_000_000_000L;

  /** Networks that tell so many classes apart are often wrong although they are trained. */
  private static final int MANY_CLASSES = 100;

  /** No pixel of 0..1 is so far from the mean, in standard deviations. */
  private static final float FAR = 20;

  private InputCheck() {}

  /**
   * Measures the ANN on labelled calibration images and says what it found; warns if mean, std or
   * the images' scale look wrong.
   *
   * @param given false if the user named neither mean nor std
   */
  static void calibration(
      CalibrationImages calibration,
      AnnGraph ann,
      Normalisation normalisation,
      boolean given,
      Context context) {
    int classes = ann.outputShape().size();
    Mixed some = some(calibration.images(), ann.macs());
    Share right = null;
    if (classes > 1 && labelled(calibration.label(), some, classes)) {
      right = measure(some, calibration.label(), ann, normalisation, context);
    }
    if (context.isCancelled()) {
      return;
    }
    if (right != null) {
      context
          .listener()
          .say(
              String.format(
                  Locale.ROOT,
                  "ANN: %.1f %% of %d calibration images right",
                  100 * right.of(),
                  right.images()));
    }
    String doubt = Doubts.of(some, ann.inputShape().size(), normalisation).words(true);
    if (doubt == null && !given && normalisation.channels() == 3) {
      doubt =
          "--mean and --std were not given, and few networks of colour images are trained without;"
              + " give those of the training (--normalize u8 for pixels 0..255, as Keras' often"
              + " take)";
    }
    warn(doubt, right, classes, "calibration images", context);
  }

  /**
   * Warns if images that were run look as if the network was trained on others.
   *
   * @param annAccuracy share of right answers of the ANN, or null if not known
   * @param done images that it is of
   */
  public static void run(
      Images images, Network network, Double annAccuracy, int done, Context context) {
    InputStage input = network.input();
    Normalisation normalisation = new Normalisation(input.mean(), input.std());
    int classes = network.populations().get(network.output()).shape().size();
    int imageSize = input.shape().size();
    Share right = annAccuracy == null ? null : new Share(annAccuracy, done);
    String doubt = Doubts.of(some(images, 0), imageSize, normalisation).words(false);
    if (doubt == null && right != null && right.bad(classes) && isPlain(normalisation)) {
      doubt =
          "the model was converted without --mean and --std; convert it again with those of the"
              + " training";
    }
    warn(doubt, right, classes, "images", context);
  }

  private static void warn(String doubt, Share right, int classes, String what, Context context) {
    if (right != null && right.bad(classes)) {
      context
          .listener()
          .warn(
              String.format(
                  Locale.ROOT,
                  "the ANN is right on %.1f %% of %d %s, expected %.0f %% or more of a trained"
                      + " network of %d classes: %s",
                  100 * right.of(),
                  right.images(),
                  what,
                  100 * Share.usual(classes),
                  classes,
                  doubt != null
                      ? doubt
                      : "check --mean and --std, scale, channel order and size of the images, and"
                          + " whether labels count classes as the training did"));
    } else if (doubt != null && (right == null || right.poor(classes))) {
      context.listener().warn(doubt);
    }
  }

  /** A share of right answers. */
  record Share(double of, int images) {
    /** The least that a trained network usually has: half way from guessing, or a quarter. */
    static double usual(int classes) {
      double guessing = 1.0 / classes;
      return guessing + (1 - guessing) * (classes < MANY_CLASSES ? 0.5 : 0.25);
    }

    /** Below the usual by more than chance, one standard error, explains. */
    boolean bad(int classes) {
      return images >= FEWEST && of + 0.5 / Math.sqrt(images) < usual(classes);
    }

    /** Not so good that it proves the input right whatever its pixels look like. */
    boolean poor(int classes) {
      return images < FEWEST || of < (1 + usual(classes)) / 2;
    }
  }

  /**
   * What the values of images tell.
   *
   * @param farthest from the mean, in standard deviations
   */
  record Doubts(float low, float high, float farthest, Normalisation normalisation) {
    static Doubts of(Mixed images, int size, Normalisation normalisation) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      float farthest = 0;
      float[] one = new float[size];
      int plane = size / normalisation.channels();
      for (int i = 0; i < images.count(); i++) {
        images.read(i, one);
        for (int j = 0; j < one.length; j++) {
          low = Math.min(low, one[j]);
          high = Math.max(high, one[j]);
          farthest = Math.max(farthest, Math.abs(normalisation.of(one[j], j / plane)));
        }
      }
      return new Doubts(low, high, farthest, normalisation);
    }

    /**
     * The likely cause and what to do, or null if nothing looks wrong.
     *
     * @param converting mean and std can still be given otherwise
     */
    String words(boolean converting) {
      float largestMean = 0;
      for (float m : normalisation.mean()) {
        largestMean = Math.max(largestMean, Math.abs(m));
      }
      if (low >= 0 && high == 1 / 255f) {
        return "the images are 0 and 1 as uint8, which is divided by 255; save them as"
            + " .astype('float32')";
      }
      if (largestMean > 1 && low >= -1 && high <= 1) {
        return "the mean is "
            + Arrays.toString(normalisation.mean())
            + " where pixels are 0..1 (uint8 is divided by 255); divide --mean and --std by 255"
            + (converting ? "" : " and convert again");
      }
      if (farthest > FAR && high > 16) {
        return "pixels reach "
            + high
            + ", far from the mean "
            + Arrays.toString(normalisation.mean())
            + "; divide floats of 0..255 by 255, or save them as .astype('uint8')";
      }
      if (farthest > FAR) {
        return "pixels are up to "
            + farthest
            + " standard deviations from the mean; check --std and the images' scale";
      }
      if (low < -0.01f && !isPlain(normalisation)) {
        return "pixels go down to "
            + low
            + ", so the images seem normalised already, and mean and std are taken from them once"
            + " more; "
            + (converting
                ? "leave out --mean and --std, or give images of 0..1"
                : "give images of 0..1");
      }
      return null;
    }
  }

  private static boolean isPlain(Normalisation n) {
    for (int c = 0; c < n.channels(); c++) {
      if (n.mean()[c] != 0 || n.std()[c] != 1) {
        return false;
      }
    }
    return true;
  }

  private static Mixed some(Images images, long macs) {
    long most = macs == 0 ? MOST : Math.clamp(MOST_WORK / macs, FEWEST, MOST);
    return new Mixed(images, (int) Math.min(most, images.count()));
  }

  private static boolean labelled(IntUnaryOperator label, Mixed some, int classes) {
    for (int i = 0; label != null && i < some.count(); i++) {
      int l = label.applyAsInt(some.indexOf(i));
      if (l < 0 || l >= classes) {
        return false; // Whoever needs the labels refuses them.
      }
    }
    return label != null;
  }

  private static Share measure(
      Mixed some, IntUnaryOperator label, AnnGraph ann, Normalisation n, Context context) {
    int[] found = AnnBatch.predict(new AnnForward(ann), some, n, context.execution());
    int right = 0;
    for (int i = 0; i < found.length; i++) {
      right += found[i] == label.applyAsInt(some.indexOf(i)) ? 1 : 0;
    }
    return new Share((double) right / found.length, found.length);
  }
}

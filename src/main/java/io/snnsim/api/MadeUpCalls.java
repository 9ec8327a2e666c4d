// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/**
 * The calls of a session that a warm-up makes: images of noise, half of them with all that a call
 * can be asked for. Confined to the session's thread; making them allocates nothing once compiled.
 */
final class MadeUpCalls implements WarmingUp.Calls {
  private static final int IMAGES = 4;

  private final Session session;
  private final float[][] images;

  /** How a network is run whose neurons send codes; null of others. */
  private final RunOptions code;

  /** By steps - 1. */
  private final RunOptions[] plain = new RunOptions[WarmingUp.STEPS];

  private final RunOptions[] asked = new RunOptions[WarmingUp.STEPS];

  MadeUpCalls(Session session) {
    this.session = session;
    int steps = session.model().stepsPerLayer();
    code = steps == 0 ? null : RunOptions.steps(steps);
    images = new float[IMAGES][session.model().inputShape().size()];
    long random = 1;
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        random = random * 6364136223846793005L + 1442695040888963407L;
        image[i] = (random >>> 40) * 0x1p-24f;
      }
    }
    for (int i = 0; i < plain.length; i++) {
      plain[i] = RunOptions.steps(i + 1);
      asked[i] = plain[i].endingAtMargin(1e9, 1).within(Long.MAX_VALUE - 1);
    }
  }

  @Override
  public void classify(long call, int steps) {
    if (code != null) {
      session.classify(images[(int) (call % IMAGES)], code);
      return;
    }
    RunOptions options = steps > 1 && call % 2 == 1 ? asked[steps - 1] : plain[steps - 1];
    session.classify(images[(int) (call % IMAGES)], options);
  }

  @Override
  public void others() {
    if (code == null) {
      session.step();
    }
    session.decide(Readout.SPIKES_SOFTMAX);
  }
}

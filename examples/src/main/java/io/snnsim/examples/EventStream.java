// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.EventRing;
import io.snnsim.api.FrameRing;
import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.Readout;
import io.snnsim.api.Session;
import io.snnsim.geometry.MapShape;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Streams an image into a running network, once as frames of a camera and once as the events of an
 * event camera that sees it: {@code EventStream MODEL IMAGE}, the image as raw bytes
 * [y][x][channel]. A thread of its own produces; the session takes what is there.
 */
public final class EventStream {
  private static final int STEPS = 64;
  private static final int FRAMES = 8;

  /** What an event adds; so many of them a step as the pixel is bright. */
  private static final int LEVELS = 16;

  public static void main(String[] args) throws Exception {
    byte[] image = Files.readAllBytes(Path.of(args[1]));
    try (Model model = Model.open(Path.of(args[0]));
        Session session = model.newSession()) {
      frames(session, image);
    }
    try (Model model = Model.open(Path.of(args[0]));
        Session session = model.newSession()) {
      events(session, image);
    }
  }

  /** The newest frame drives the network; those that come too fast are skipped. */
  private static void frames(Session session, byte[] image) throws InterruptedException {
    FrameRing ring = new FrameRing(session.model().inputShape(), ImageFormat.U8_HWC, 4);
    Thread camera =
        Thread.ofPlatform()
            .start(
                () -> {
                  ByteBuffer frame = ByteBuffer.wrap(image);
                  for (int i = 0; i < FRAMES; i++) {
                    // A camera does not wait: what finds the ring full is lost, and counted.
                    ring.offer(frame, i);
                  }
                });
    while (!session.change(ring, true)) {
      Thread.onSpinWait();
    }
    for (int t = 0; t < STEPS; t++) {
      session.change(ring, true);
      session.step();
    }
    camera.join();
    System.out.println(
        "frames: " + session.decide(Readout.SPIKES_SOFTMAX) + ", " + ring.refused() + " refused");
  }

  /** Time is in microseconds here, a time step 1,000 of them. */
  private static void events(Session session, byte[] image) throws InterruptedException {
    MapShape shape = session.model().inputShape();
    EventRing ring = new EventRing(shape, 1f / LEVELS, 1 << 18);
    Thread sensor = Thread.ofPlatform().start(() -> sense(ring, shape, image));
    long taken = 0;
    for (int t = 0; t < STEPS; t++) {
      // A replay waits for its events; a live one would go on with those that are there.
      while (sensor.isAlive() && ring.size() < ring.slots() / 2) {
        Thread.onSpinWait();
      }
      taken += session.change(ring, (t + 1) * 1000L);
      session.step();
    }
    sensor.join();
    System.out.println(
        "events: " + session.decide(Readout.SPIKES_SOFTMAX) + ", " + taken + " events taken");
  }

  private static void sense(EventRing ring, MapShape shape, byte[] image) {
    for (int t = 0; t < STEPS; t++) {
      for (int i = 0; i < shape.size(); i++) {
        int channel = i % shape.channels();
        int pixel = i / shape.channels();
        int n = ((image[i] & 0xff) * LEVELS + 127) / 255;
        for (int e = 0; e < n; e++) {
          while (!ring.offer(t * 1000L, channel, pixel / shape.width(), pixel % shape.width())) {
            Thread.onSpinWait();
          }
        }
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.snnsim.geometry.MapShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * An ONNX model in ONNX Runtime: one thread, all optimisations, input and output tensors made once
 * and used again, so that a call is what it costs at least from Java. Confined to one thread; its
 * native memory is freed when it is closed.
 */
final class OnnxContender implements Contender {
  private final String name;
  private final OrtSession session;
  private final FloatBuffer image;
  private final FloatBuffer logits;
  private final float[] found;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  /** Loads a model of the given input shape and number of classes. */
  OnnxContender(String name, byte[] model, MapShape shape, int classes) {
    this.name = name;
    image = direct(shape.size());
    logits = direct(classes);
    found = new float[classes];
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OptLevel.ALL_OPT);
      session = environment.createSession(model, options);
      long[] dimensions = {1, shape.channels(), shape.height(), shape.width()};
      inputs = Map.of(OnnxFile.INPUT, OnnxTensor.createTensor(environment, image, dimensions));
      outputs =
          Map.of(
              OnnxFile.OUTPUT,
              OnnxTensor.createTensor(environment, logits, new long[] {1, classes}));
    } catch (OrtException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  /** Version of ONNX Runtime. */
  static String version() {
    return environment().getVersion();
  }

  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "compare");
  }

  private static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean normalised() {
    return true;
  }

  @Override
  public int steps() {
    return 1;
  }

  @Override
  public int classify(float[] pixels) {
    return largest(run(pixels));
  }

  /** The outputs for an image, in an array that the next image overwrites. */
  float[] run(float[] pixels) {
    image.put(0, pixels);
    try {
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
    logits.get(0, found);
    return found;
  }

  /** The index of the largest value, the first of equal ones. */
  static int largest(float[] values) {
    int best = 0;
    for (int c = 1; c < values.length; c++) {
      if (values[c] > values[best]) {
        best = c;
      }
    }
    return best;
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }
}

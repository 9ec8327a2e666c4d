// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Normalisation;
import io.snnsim.dump.ImageSet;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.InputStage;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.ModelParts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The program behind tools/compare_onnxruntime.sh, which checks options: sets models of one trained
 * network beside that network in ONNX Runtime, on one thread. One run a process.
 */
public final class CompareOnnxRuntime {
  /** The dense pass of 10,000 images would take minutes. */
  private static final int CHECKED_IMAGES = 1000;

  private static final int CALIBRATION_IMAGES = 500;
  private static final int JUDGED_IMAGES = 200;

  /**
   * What was asked for.
   *
   * @param images of the test images at most
   * @param core that the process is bound to, or empty
   * @param json file to write, or null
   */
  private record Request(
      Path calibration,
      Path test,
      int images,
      int rounds,
      String core,
      Path json,
      List<Spiking> models) {
    static Request of(String[] args) {
      List<Spiking> models = new ArrayList<>();
      for (String arg : Arrays.asList(args).subList(6, args.length)) {
        int colon = arg.indexOf(':');
        models.add(
            new Spiking(
                Path.of(arg.substring(colon + 1)), Integer.parseInt(arg.substring(0, colon))));
      }
      return new Request(
          Path.of(args[0]),
          Path.of(args[1]),
          Integer.parseInt(args[2]),
          Integer.parseInt(args[3]),
          args[4],
          args[5].isEmpty() ? null : Path.of(args[5]),
          models);
    }
  }

  /**
   * A model file.
   *
   * @param rateSteps time steps if it has a rate code, or 0 for those that it was fitted to
   */
  private record Spiking(Path file, int rateSteps) {}

  /** The trained network of a model, as the model carries it. */
  private record Trained(AnnGraph graph, Normalisation normalisation, byte[] tensors) {
    static Trained of(Path model) {
      try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
        InputStage input = file.network().input();
        return new Trained(
            ModelParts.requiredAnn(file, model),
            new Normalisation(input.mean(), input.std()),
            file.extra(ModelContents.ANN_TENSORS));
      }
    }

    boolean same(Trained other) {
      return Arrays.equals(tensors, other.tensors)
          && Arrays.equals(normalisation.mean(), other.normalisation.mean())
          && Arrays.equals(normalisation.std(), other.normalisation.std());
    }
  }

  private CompareOnnxRuntime() {}

  /**
   * Runs the comparison.
   *
   * @param args calibration images, test images, how many of these at most, rounds, the core or
   *     nothing, the JSON file or nothing, then RATE_STEPS:MODEL for each model
   */
  public static void main(String[] args) {
    try {
      run(Request.of(args));
    } catch (SnnsimException e) {
      System.err.println("compare_onnxruntime.sh: " + e.getMessage());
      System.exit(e.category().exitCode());
    }
  }

  private static void run(Request request) {
    if (request.json() != null) {
      AtomicFile.check(request.json(), true);
    }
    Trained trained = trained(request.models());
    AnnGraph graph = trained.graph();
    TestImages test = images(trained, request.test(), request.images());
    if (!test.set().labelled()) {
      throw SnnsimException.badData(
          request.test() + ": found no labels, expected one an image in an array named labels");
    }
    test.set().checkLabels(graph.outputShape().size());
    TestImages calibration = images(trained, request.calibration(), CALIBRATION_IMAGES);

    Candidates candidates = new Candidates(graph);
    List<Contender> contenders = new ArrayList<>();
    try {
      OnnxContender float32 = candidates.float32();
      contenders.add(float32);
      Candidates.Agreement agreement = candidates.agreement(float32, test.first(CHECKED_IMAGES));
      Candidates.Int8 int8 =
          candidates.int8(calibration, calibration.first(JUDGED_IMAGES), float32);
      contenders.add(int8.contender());
      String kernel = "";
      for (Spiking model : request.models()) {
        say("warming up " + model.file().getFileName());
        SpikingContender contender = new SpikingContender(model.file(), model.rateSteps());
        contenders.add(contender);
        kernel = contender.kernel();
      }
      List<Integer> correct = new ArrayList<>();
      for (Contender c : contenders) {
        say("classifying " + test.count() + " images: " + c.name());
        correct.add(test.correct(c));
      }
      say("timing");
      List<Race.Times> times = Race.run(contenders, test, request.rounds());
      List<Outcome.Row> rows = new ArrayList<>();
      for (int c = 0; c < contenders.size(); c++) {
        Contender of = contenders.get(c);
        rows.add(new Outcome.Row(of.name(), of.steps(), correct.get(c), times.get(c)));
      }
      Outcome outcome =
          new Outcome(
              new Outcome.Setting(
                  graph.name(),
                  graph.macs(),
                  kernel,
                  request.core(),
                  test.count(),
                  calibration.count(),
                  agreement,
                  int8),
              rows);
      System.out.print(outcome.toText());
      if (request.json() != null) {
        AtomicFile.write(request.json(), true, outcome::writeJson);
      }
    } finally {
      contenders.reversed().forEach(Contender::close);
    }
  }

  /** The network that all models were converted from. */
  private static Trained trained(List<Spiking> models) {
    Path first = models.getFirst().file();
    Trained trained = Trained.of(first);
    for (Spiking other : models.subList(1, models.size())) {
      if (!trained.same(Trained.of(other.file()))) {
        throw SnnsimException.badData(
            other.file()
                + ": found another trained network than in "
                + first
                + ", expected models of one network; compare them in two runs");
      }
    }
    return trained;
  }

  private static TestImages images(Trained trained, Path file, int most) {
    return new TestImages(
        ImageSet.read(file, trained.graph().inputShape(), most), trained.normalisation());
  }

  private static void say(String what) {
    System.err.println("compare_onnxruntime.sh: " + what);
  }
}

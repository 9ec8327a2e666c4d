package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.MapShape;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.encode.InputCoding;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Shape;
import io.snnsim.readout.Readout;
import io.snnsim.report.RunReport;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim run}. */
@Command(
    name = "run",
    description = "Classifies images with a spiking model.",
    mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  snnsim run resnet20.snn test.npz --steps 64 --limit 1000"})
final class RunCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL")
  private Path model;

  @Parameters(index = "1", paramLabel = "DATA", description = "Images, .npz.")
  private Path data;

  @Option(names = "--steps", required = true, description = "Time steps an image.")
  private int steps;

  @Option(names = "--limit", description = "Only the first N images.")
  private Integer limit;

  @Option(names = "--threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(names = "--kernel", defaultValue = "auto", description = "auto, scalar or vector.")
  private KernelChoice kernel;

  @Option(names = "--mode", defaultValue = "resident", description = "resident or mapped.")
  private Mode mode;

  @Option(
      names = "--input",
      defaultValue = "constant",
      description = "constant, bernoulli, poisson or ttfs; default: ${DEFAULT-VALUE}.")
  private String input;

  @Option(names = "--seed", defaultValue = "1", description = "Of random input; default: 1.")
  private long seed;

  @Option(
      names = "--readout",
      defaultValue = "spikes+softmax",
      description = "spikes+softmax, spikes or membrane; default: ${DEFAULT-VALUE}.")
  private String readout;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result; - for stdout.")
  private String json;

  @Option(names = "--record", paramLabel = "FILE", description = "Write counts and potentials.")
  private Path record;

  @Option(names = "--no-ann", description = "Do not run the ANN beside the SNN.")
  private boolean noAnn;

  @Option(names = "--force", description = "Replace existing output files.")
  private boolean force;

  @Option(names = "--quiet", description = "No report and no warnings.")
  private boolean quiet;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    if (steps < 1 || threads < 1 || (limit != null && limit < 1)) {
      throw SnnsimException.usage("--steps, --threads and --limit: expected 1 or more");
    }
    InputCoding coding = InputCoding.parse(input);
    Readout decision = readout(readout);
    boolean toStdout = "-".equals(json);
    OutputFile.check(json == null || toStdout ? null : Path.of(json), force);
    OutputFile.check(record, force);
    Interrupt interrupt = ((Main) spec.root().userObject()).interrupt();
    try (ModelFile file = ModelStore.open(model, mode);
        Model m = Model.of(file.network(), kernel)) {
      Shape s = file.network().input().shape();
      ImageSet images = ImageSet.read(data, new MapShape(s.channels(), s.height(), s.width()));
      if (limit != null) {
        images = images.subset(0, Math.min(limit, images.count()));
      }
      byte[] graph = noAnn ? null : file.extra(ModelContents.ANN_GRAPH);
      AnnGraph ann =
          graph == null
              ? null
              : new EmbeddedAnn(graph, file.extra(ModelContents.ANN_TENSORS))
                  .decode(model.toString());
      try (Recorder recorder =
          record == null ? null : new Recorder(record, file.network(), images.count())) {
        RunReport report =
            Runner.run(
                new Runner.Job(
                    m,
                    images,
                    steps,
                    threads,
                    coding,
                    seed,
                    decision,
                    ann,
                    recorder,
                    interrupt::asked));
        if (recorder != null) {
          recorder.publish(report.predictions());
        }
        print(report, toStdout);
        return interrupt.asked() ? 130 : 0;
      }
    }
  }

  private void print(RunReport report, boolean toStdout) {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    if (toStdout) {
      spec.commandLine().getOut().println(mapper.valueToTree(report).toPrettyString());
    } else if (!quiet) {
      spec.commandLine().getOut().print(report.toText());
    }
    if (json != null && !toStdout) {
      OutputFile.write(Path.of(json), out -> mapper.writeValue(out, report));
    }
    for (String layer : quiet ? List.<String>of() : report.silentLayers()) {
      spec.commandLine()
          .getErr()
          .println(
              "warning: population "
                  + layer
                  + " never fired; check the images, and --mean/--std of the conversion");
    }
  }

  private static Readout readout(String name) {
    return switch (name) {
      case "spikes+softmax" -> Readout.SPIKES_SOFTMAX;
      case "spikes" -> Readout.SPIKES;
      case "membrane" -> Readout.MEMBRANE;
      default ->
          throw SnnsimException.usage(
              "--readout " + name + ": expected spikes+softmax, spikes or membrane");
    };
  }
}

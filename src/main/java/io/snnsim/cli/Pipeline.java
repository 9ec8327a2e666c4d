package io.snnsim.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.convert.BatchNormFolding;
import io.snnsim.convert.Calibration;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.Converter;
import io.snnsim.convert.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Precision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The steps that several commands share, from dump to model contents. Stateless. */
final class Pipeline {
  private Pipeline() {}

  static Imported importDump(Path dump, String arch) {
    return Architectures.build(WeightDump.read(dump), arch);
  }

  static Conversion convert(
      Imported imported,
      ImageSet images,
      float[] mean,
      float[] std,
      double percentile,
      double v0,
      double compensation,
      Precision precision,
      int threads) {
    int channels = imported.graph().inputShape().channels();
    float[] m = perChannel(mean, channels, 0, "--mean");
    float[] s = perChannel(std, channels, 1, "--std");
    for (float x : s) {
      if (!(x > 0)) {
        throw SnnsimException.usage("--std " + x + ": expected > 0");
      }
    }
    BatchNormFolding.Folded folded = BatchNormFolding.fold(imported.graph());
    Calibration.Result calibration =
        Calibration.run(
            new Lowering(folded.graph()), images, m, s, percentile, threads, n -> {}, () -> false);
    return Converter.convert(
        calibration, new ConvertOptions(v0, compensation, precision, m, s), folded.notes());
  }

  private static float[] perChannel(float[] given, int channels, float fallback, String option) {
    float[] result = new float[channels];
    Arrays.fill(result, fallback);
    if (given == null) {
      return result;
    }
    if (given.length != channels) {
      throw SnnsimException.usage(
          option + ": found " + given.length + " values, expected " + channels);
    }
    return given;
  }

  /** The model with its provenance and the folded ANN. */
  static ModelContents contents(
      Conversion conversion, Imported imported, Path dump, Path calibration) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode p = json.createObjectNode();
    p.put("program", "snnsim 0.1.0");
    p.put("source", String.valueOf(dump.getFileName()));
    p.put("sourceSha256", sha256(dump));
    p.put("arch", imported.arch());
    p.put("archGuessed", imported.guessed());
    p.put("calibration", String.valueOf(calibration.getFileName()));
    p.put("calibrationSha256", sha256(calibration));
    p.set("report", json.valueToTree(conversion.report()));
    EmbeddedAnn ann = EmbeddedAnn.encode(conversion.foldedAnn());
    Map<String, byte[]> extras = new LinkedHashMap<>();
    extras.put(ModelContents.PROVENANCE, p.toPrettyString().getBytes(StandardCharsets.UTF_8));
    extras.put(ModelContents.ANN_GRAPH, ann.graph());
    extras.put(ModelContents.ANN_TENSORS, ann.tensors());
    return new ModelContents(conversion.network(), extras);
  }

  private static String sha256(Path file) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (var in = Files.newInputStream(file)) {
        byte[] part = new byte[1 << 16];
        for (int n = in.read(part); n >= 0; n = in.read(part)) {
          digest.update(part, 0, n);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

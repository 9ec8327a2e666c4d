// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which steps a provenance says that a network was fitted to. */
class FittedStepsTest {
  private static int of(String text) {
    return FittedSteps.of(text.getBytes(StandardCharsets.UTF_8), "m.snn, section provenance");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "errorLambda": true, "targetSteps": 16                     | 16
          "weightCalibration": true, "targetSteps": 4                | 4
          "biasCalibration": true, "fewSpike": false, "targetSteps": 8 | 8
          "biasCalibration": true, "fewSpike": true, "targetSteps": 8 | 0
          "gridCorrection": true, "targetSteps": 8                   | 0
          "errorLambda": true                                        | 0
          "errorLambda": true, "targetSteps": -8                     | 0
          "errorLambda": true, "targetSteps": "8"                    | 0
          """)
  void fitsOfRatesHaveTheirSteps(String methods, int expected) {
    assertEquals(expected, of("{\"report\": {\"methods\": {" + methods + "}}}"));
  }

  @Test
  void whatSaysNothingIsFittedToNone() {
    assertEquals(0, FittedSteps.of(null, "m.snn"));
    assertEquals(0, of("{}"));
    assertEquals(0, of("[\"a list\"]"));
  }

  @Test
  void whatIsNoJsonIsRefused() {
    SnnsimException e = assertThrows(SnnsimException.class, () -> of("{\"report\": "));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("m.snn, section provenance: not JSON"), e.getMessage());
  }
}

// SPDX-License-Identifier: Apache-2.0
package io.snnsim.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;

/** Makes parsers and generators. Stateless, thread-safe. */
final class Factories {
  static final JsonFactory READS =
      JsonFactory.builder()
          // One more than is accepted, so that the message is ours.
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(JsonValue.MOST_DEPTH + 1).build())
          .build();

  static final JsonFactory WRITES = new JsonFactory();

  private Factories() {}
}

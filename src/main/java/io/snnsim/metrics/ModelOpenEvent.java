// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event: a model was opened, verified and made ready. A failed opening has none. Confined to
 * one thread.
 */
@Name("io.snnsim.ModelOpen")
@Label("Model Open")
@Category("snnsim")
@Description("Reading, verifying and making ready of one model")
@StackTrace(false)
public final class ModelOpenEvent extends Event {
  @Label("File")
  public String file;

  @Label("Network")
  public String network;

  @Label("Memory")
  @Description("RESIDENT: copied off-heap; MAPPED: used where it is")
  public String memory;

  @Label("Kernels")
  public String kernel;

  @Label("Why These Kernels")
  public String kernelReason;

  @Label("Native Bytes")
  @Description("Bytes off-heap or mapped: the file and the tables made of it")
  @DataAmount
  public long nativeBytes;

  /** One that has begun; null before the first recording of this JVM. */
  public static ModelOpenEvent begunOrNull() {
    if (!Recording.everStarted()) {
      return null;
    }
    ModelOpenEvent event = new ModelOpenEvent();
    event.begin();
    return event;
  }
}

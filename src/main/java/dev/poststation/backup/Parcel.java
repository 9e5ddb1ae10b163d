package dev.poststation.backup;

import dev.poststation.os.Os;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// A backup on its way from the relay: a ZIP archive, not compressed, its manifest last. Without a
/// manifest it is not whole. Pure functions.
public final class Parcel {
  private Parcel() {}

  /// Sends the files of a directory that does not change. Does not close `to`.
  public static void pack(Os os, Inventory inventory, Manifest.About about, OutputStream to)
      throws IOException {
    var zip = new ZipOutputStream(to);
    zip.setLevel(Deflater.NO_COMPRESSION);
    List<Manifest.Entry> sent = new ArrayList<>();
    for (var item : inventory.items()) {
      zip.putNextEntry(new ZipEntry(item.name()));
      try (var in = os.disk().open(item.file())) {
        sent.add(Copying.copy(in, zip).entry(item.name()));
      }
      zip.closeEntry();
    }
    zip.putNextEntry(new ZipEntry(Manifest.FILE));
    zip.write(new Manifest(about, sent).encode());
    zip.closeEntry();
    zip.finish();
    zip.flush();
  }

  /// Takes it in, and finishes the backup.
  ///
  /// @throws BackupException when it is not whole, or cannot be written
  public static Manifest unpack(InputStream from, Target target) throws BackupException {
    Manifest manifest = null;
    try {
      var zip = new ZipInputStream(from);
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(Manifest.FILE)) {
          manifest = Manifest.decode(zip.readAllBytes());
        } else {
          target.add(entry.getName(), zip);
        }
      }
    } catch (BackupException e) {
      throw e;
    } catch (ZipException e) {
      throw BackupException.failed("The backup has arrived damaged", e);
    } catch (IOException e) {
      throw cutOff(e);
    }
    if (manifest == null) {
      throw cutOff(null);
    }
    return target.finish(manifest);
  }

  private static BackupException cutOff(@Nullable IOException cause) {
    String what = "The backup was cut off, as when the relay is stopped meanwhile: run it again";
    return cause == null ? BackupException.failed(what) : BackupException.failed(what, cause);
  }
}

package dev.poststation.os;

import java.util.Locale;
import java.util.Set;

/// What others than its owner may do with a file or a directory: the bits of its mode, and whose it
/// is. Where it has an access control list, the bits of the group are the most that the list gives
/// to anybody who is named in it, whoever that is. Immutable.
///
/// @param mode as chmod takes it, with the sticky bit
public record Others(String owner, String group, int mode) {
  private static final int GROUP_READS = 0040;
  private static final int GROUP_WRITES = 0020;
  private static final int ALL_READ = 0004;
  private static final int ALL_WRITE = 0002;
  private static final int STICKY = 01000;

  /// Its name, and what it is called where groups have no names.
  private static final Set<String> ROOT = Set.of("root", "0");

  /// Whether the group or all can read it.
  public boolean canRead() {
    return has(GROUP_READS | ALL_READ);
  }

  /// The same where the group root is nobody else.
  public boolean canReadBesideRoot() {
    return has(ALL_READ) || (has(GROUP_READS) && !ROOT.contains(group));
  }

  /// Whether somebody else can write it: all, or a group that is neither root nor the owner's own,
  /// which has his name.
  public boolean canWrite() {
    return has(ALL_WRITE) || (has(GROUP_WRITES) && !ROOT.contains(group) && !group.equals(owner));
  }

  /// Whether somebody else can put another file in the place of one in this directory.
  public boolean canReplace() {
    return canWrite() && !has(STICKY);
  }

  private boolean has(int bits) {
    return (mode & bits) != 0;
  }

  /// For messages.
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "mode %04o, group %s", mode, group);
  }
}

package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.QueueId;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  /// Without a backlog.
  private static Admission admission(int mails, int recipients) {
    var admission = new Admission(mails, recipients, () -> {});
    var backlog = admission.backlog();
    assertThat(backlog).isNotNull();
    admission.read(backlog, QueueId.FIRST, true);
    return admission;
  }

  @Test
  void noMoreMailsAreInMemoryThanFit() {
    var admission = admission(10, 1000);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(1) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(10);
    assertThat(admission.room()).isZero();
    admission.release(1);
    assertThat(admission.admitNew(1)).isTrue();
  }

  @Test
  void noMoreRecipientsAreInMemoryThanFitButAMailAloneAlwaysDoes() {
    var admission = admission(100, 1000);
    assertThat(admission.admitNew(5000)).as("alone").isTrue();
    assertThat(admission.admitNew(1)).isFalse();
    assertThat(admission.room()).isZero();
    admission.release(5000);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(300) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(3);
  }
}

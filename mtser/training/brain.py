"""The Brain: one model, trained and judged on one fold."""

import logging
import math
import time
from typing import Any

import numpy as np
import speechbrain as sb
import torch
from speechbrain import Stage
from speechbrain.utils.checkpoints import Checkpoint, Checkpointer
from torch import Tensor

from mtser.errors import ConfigError, ModelError
from mtser.evaluation.metrics import confusion_matrix, unweighted_accuracy, weighted_accuracy
from mtser.model import EmotionModel
from mtser.training.data import LabelledBatch
from mtser.training.plan import TrainingPlan
from mtser.training.progress import FoldProgress


class EmotionBrain(sb.Brain):
    """SpeechBrain's Brain with what cross-validation on small corpora needs.

    Beside the stock Brain it clips the gradients of every parameter group, also steps on gradients that were
    accumulated when an epoch ends, averages losses per utterance instead of per batch, keeps the epoch with the best UA
    on dev, and under ``torchrun`` weighs each process's loss by its share of the batch.

    Parameters
    ----------
    model
        To be trained.
    plan
        How.
    progress
        Counts the epochs; part of every checkpoint.
    n_classes
        How many classes there are.
    run_opts
        SpeechBrain's run options (device, precision, ...).
    checkpointer
        Where the state is kept after every epoch; None keeps nothing.
    """

    def __init__(
        self,
        model: EmotionModel,
        plan: TrainingPlan,
        progress: FoldProgress,
        n_classes: int,
        run_opts: dict[str, Any] | None = None,
        checkpointer: Checkpointer | None = None,
    ) -> None:
        run_opts = {"max_grad_norm": plan.clip_norm, **(run_opts or {})}
        super().__init__({"model": model}, plan.optimizer, run_opts=run_opts, checkpointer=checkpointer)
        self.plan = plan
        self.progress = progress
        self.n_classes = n_classes
        self.loss = plan.loss.to(self.device)

    def init_optimizers(self) -> None:
        """Make the optimizer, then its schedule.

        Raises
        ------
        ConfigError
            If one of them does not take an option that the YAML gives it.
        """
        try:
            super().init_optimizers()
            self.schedule = self.plan.schedule(self.optimizer)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the training's optimizer or schedule cannot be made ({error}).") from error
        if self.checkpointer is not None:
            self.checkpointer.add_recoverable("schedule", self.schedule)

    def compute_forward(self, batch: LabelledBatch, stage: Stage) -> Tensor:
        """Logits ``[batch, classes]``."""
        return self.modules.model(batch.batch)

    def compute_objectives(self, predictions: Tensor, batch: LabelledBatch, stage: Stage) -> Tensor:
        """The mean loss of the batch, without the penalty.

        Raises
        ------
        ModelError
            If the model gives logits of another number of classes than the corpus has.
        """
        if predictions.shape[1] != self.n_classes:
            raise ModelError(
                f"the model tells {predictions.shape[1]} classes apart, but the corpus has {self.n_classes}; give its "
                "classifier n_classes: !ref <n_classes>, which a recipe sets."
            )
        targets = batch.votes
        if stage != Stage.TRAIN or not getattr(self.loss, "soft_labels", False):
            targets = torch.nn.functional.one_hot(batch.labels, self.n_classes).to(batch.votes)
        return self.loss(predictions, targets)

    def fit_batch(self, batch: LabelledBatch) -> Tensor:
        """Learn from one batch; step every ``grad_accumulation_factor`` batches and at the epoch's end."""
        window = self.grad_accumulation_factor
        # The last batches of an epoch may be fewer than a window; they are averaged over as many as they are.
        first = (self.step - 1) // window * window
        in_window = min(window, self._batches_per_epoch - first)
        should_step = self.step - first == in_window
        with self.no_sync(not should_step):
            with self.training_ctx:
                logits = self.compute_forward(batch, Stage.TRAIN)
                loss = self.compute_objectives(logits, batch, Stage.TRAIN)
            self.check_loss_isfinite(loss)
            # DDP averages gradients over processes; weighed so, the average is what one process would compute.
            share = batch.share * self._world_size
            total = (loss * share + self.plan.penalty(self.modules.model)) / in_window
            self.scaler.scale(total).backward()
        if should_step:
            self.optimizers_step()
            self.schedule.step()
        self._collect(batch, logits, loss)
        return loss.detach()

    def check_loss_isfinite(self, loss: Tensor) -> None:
        """Stop at a loss that is no number, which would make every weight none.

        SpeechBrain's patience with such losses is for those whose gradients are passed over: by the scaler of fp16,
        or with ``--skip_nonfinite_grads``.

        Raises
        ------
        ModelError
            That says so.
        """
        if torch.isfinite(loss):
            return
        self.nonfinite_count += 1
        skipped = self.scaler.is_enabled() or self.skip_nonfinite_grads
        if not skipped or self.nonfinite_count > self.nonfinite_patience:
            raise self._diverged()

    def optimizers_step(self) -> None:
        """One update, the gradient's norm clipped over the parameters of all groups."""
        self.scaler.unscale_(self.optimizer)
        if self.max_grad_norm > 0:
            parameters = [one for group in self.optimizer.param_groups for one in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, self.max_grad_norm)
        if not self.scaler.is_enabled() and self.skip_nonfinite_grads:
            self.check_gradients()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.optimizer_step += 1

    @torch.no_grad()
    def evaluate_batch(self, batch: LabelledBatch, stage: Stage) -> Tensor:
        """Judge one batch."""
        with self.evaluation_ctx:
            logits = self.compute_forward(batch, stage)
            loss = self.compute_objectives(logits, batch, stage)
        self._collect(batch, logits, loss)
        return loss

    def update_average(self, loss: Tensor, avg_loss: float) -> float:
        """Nothing here: the average is taken per utterance, once a stage ends, so that no batch waits for the GPU."""
        return avg_loss

    def on_stage_start(self, stage: Stage, epoch: int | None = None) -> None:
        """Forget the last stage's results."""
        self._rows: list[np.ndarray] = []
        self._labels: list[Tensor] = []
        self._logits: list[Tensor] = []
        self._losses: list[Tensor] = []
        if stage == Stage.TRAIN:
            self._begin = time.perf_counter()

    def on_stage_end(self, stage: Stage, stage_loss: float, epoch: int | None = None) -> None:
        """After dev: record the epoch and save a checkpoint."""
        loss = self._mean_loss()
        if stage == Stage.TRAIN:
            self._train_loss = loss
        elif stage == Stage.VALID:
            if not math.isfinite(loss):  # the last step of the epoch can break the weights, too
                raise self._diverged()
            confusion = self._confusion()
            row = {
                "epoch": epoch,
                "train_loss": self._train_loss,
                "dev_loss": loss,
                "dev_wa": float(weighted_accuracy(confusion)),
                "dev_ua": float(unweighted_accuracy(confusion)),
                "lr": self.optimizer.param_groups[0]["lr"],
                "seconds": time.perf_counter() - self._begin,
            }
            self.progress.record(row)
            if self.checkpointer is not None:
                meta = {"epoch": epoch, "dev_ua": row["dev_ua"]}
                self.checkpointer.save_and_keep_only(
                    meta=meta, importance_keys=[by_epoch, by_dev_ua], keep_recent=False, verbosity=logging.DEBUG
                )

    def on_fit_start(self) -> None:
        """Continue with the newest checkpoint, if there is one."""
        self._compile()
        self._wrap_distributed()
        self.init_optimizers()
        if self.checkpointer is not None:
            self.checkpointer.recover_if_possible(importance_key=by_epoch)

    def on_evaluate_start(self, max_key: str | None = None, min_key: str | None = None) -> None:
        """Take the epoch with the best UA on dev."""
        if self.checkpointer is not None:
            self.checkpointer.recover_if_possible(importance_key=by_dev_ua)

    def fit(self, epoch_counter: Any, train_set: Any, valid_set: Any = None, *args: Any, **kwargs: Any) -> None:
        """Brain's own, with the number of batches noted."""
        self._batches_per_epoch = len(train_set)
        super().fit(epoch_counter, train_set, valid_set, *args, **kwargs)

    def results(self) -> tuple[np.ndarray, np.ndarray]:
        """What the last stage predicted: utterance numbers ``[n]`` and probabilities ``[n, classes]``."""
        logits = torch.cat(self._logits).float()
        return np.concatenate(self._rows), torch.softmax(logits, dim=1).cpu().numpy()

    def _diverged(self) -> ModelError:
        return ModelError(
            f"the loss is not a number any more in epoch {len(self.progress.history) + 1}; lower the learning rate "
            "(training.optimizer.lr) or training.clip_norm."
        )

    @property
    def _world_size(self) -> int:
        return torch.distributed.get_world_size() if self.distributed_launch else 1

    def _collect(self, batch: LabelledBatch, logits: Tensor, loss: Tensor) -> None:
        self._rows.append(batch.rows)
        self._labels.append(batch.labels)
        self._logits.append(logits.detach())
        self._losses.append(loss.detach() * len(batch.rows))

    def _mean_loss(self) -> float:
        n = sum(len(rows) for rows in self._rows)
        return float(torch.stack(self._losses).sum()) / n if n else math.nan

    def _confusion(self) -> np.ndarray:
        truth, predicted = torch.cat(self._labels), torch.cat(self._logits).argmax(1)
        return confusion_matrix(truth.cpu().numpy(), predicted.cpu().numpy(), self.n_classes)


def by_epoch(checkpoint: Checkpoint) -> int:
    """The newest checkpoint is the most important."""
    return checkpoint.meta["epoch"]


def by_dev_ua(checkpoint: Checkpoint) -> tuple[float, int]:
    """The best UA on dev, of equal ones the earliest."""
    return checkpoint.meta["dev_ua"], -checkpoint.meta["epoch"]

"""The Brain: one model, trained and judged on one fold."""

import logging
import math
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
import speechbrain as sb
import torch
from speechbrain import Stage
from speechbrain.utils.checkpoints import Checkpointer
from torch import Tensor, nn
from torch.optim import Optimizer

from mtser.errors import ConfigError, ModelError
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.training.checkpoints import best_on_dev, by_epoch
from mtser.training.data import LabelledBatch
from mtser.training.measures import check_outputs, dev_measures
from mtser.training.objective import Objective
from mtser.training.parameter_groups import parameter_groups
from mtser.training.penalty import Penalty
from mtser.training.plan import TrainingPlan
from mtser.training.processes import draw_apart, of_the_first
from mtser.training.progress import FoldProgress
from mtser.training.schedules import make_schedule
from mtser.training.stage import StageResults


class EmotionBrain(sb.Brain):
    """SpeechBrain's Brain with what cross-validation on small corpora needs.

    Beside the stock Brain it clips the gradients of every parameter group, also steps on gradients that were
    accumulated when an epoch ends, averages losses per utterance instead of per batch, keeps the epoch that is best
    on dev, and under ``torchrun`` weighs each process's loss by its share of the batch. A loss that is none of single
    utterances (``over_batch``) gets the outputs of all processes, and on dev those of the whole part.

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
    stacked
        Whether late stacking follows, which needs the model's attributes and tells classes where the model does not.
    """

    def __init__(
        self,
        model: EmotionModel,
        plan: TrainingPlan,
        progress: FoldProgress,
        n_classes: int,
        run_opts: dict[str, Any] | None = None,
        checkpointer: Checkpointer | None = None,
        stacked: bool = False,
    ) -> None:
        run_opts = {"max_grad_norm": plan.clip_norm, **(run_opts or {})}
        optimizer = partial(_make_optimizer, plan, model)
        super().__init__({"model": model}, optimizer, run_opts=run_opts, checkpointer=checkpointer)
        self._seed = torch.initial_seed()
        self.plan = plan
        self.progress = progress
        self.n_classes = n_classes
        self.stacked = stacked
        self.loss = plan.loss.to(self.device) if isinstance(plan.loss, nn.Module) else plan.loss
        self._batches_per_epoch = 1  # until fit knows
        self._objective = Objective(self.loss, model.auxiliary, n_classes)
        self._decayed = Penalty(embeddings=True).penalised(model) if plan.weight_decay else []
        self.average = None if plan.average is None else plan.average.of(model)
        if self.average is not None and checkpointer is not None:
            checkpointer.add_recoverable("average", self.average)

    def init_optimizers(self) -> None:
        """Make the optimizer, then its schedule.

        Raises
        ------
        ConfigError
            If one of them does not take an option that the YAML gives it.
        """
        try:
            super().init_optimizers()
            if isinstance(self.optimizer, torch.optim.LBFGS):
                raise ValueError("LBFGS computes the loss several times an update, which batches here are not")
            n_steps = math.ceil(self._batches_per_epoch / self.grad_accumulation_factor)
            self.schedule = make_schedule(self.plan.schedule, self.optimizer, n_steps)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the training's optimizer or schedule cannot be made ({error}).") from error
        if self.checkpointer is not None:
            self.checkpointer.add_recoverable("schedule", self.schedule)

    def compute_forward(self, batch: LabelledBatch, stage: Stage) -> Outputs:
        """What the model says about the batch.

        Raises
        ------
        ModelError
            If it says something else than the training needs.
        """
        outputs = Outputs.of(self.modules.model(batch.batch))
        check_outputs(outputs, self.n_classes, self.loss, self.plan.select_by, self.stacked)
        return outputs

    def compute_objectives(self, predictions: Outputs, batch: LabelledBatch, stage: Stage) -> Tensor:
        """The mean loss of the batch, without the penalty."""
        if stage == Stage.TRAIN:
            return self._objective.in_training(predictions, batch, over_processes=self.distributed_launch)
        return self._objective.of_judged(predictions, batch)

    def fit_batch(self, batch: LabelledBatch) -> Tensor:
        """Learn from one batch; step every ``grad_accumulation_factor`` batches and at the epoch's end."""
        window = self.grad_accumulation_factor
        # The last batches of an epoch may be fewer than a window; they are averaged over as many as they are.
        first = (self.step - 1) // window * window
        in_window = min(window, self._batches_per_epoch - first)
        should_step = self.step - first == in_window
        with self.no_sync(not should_step):
            with self.training_ctx:
                outputs = self.compute_forward(batch, Stage.TRAIN)
                loss = self.compute_objectives(outputs, batch, Stage.TRAIN)
            self.check_loss_isfinite(loss)
            # DDP averages gradients over processes; weighed so, the average is what one process would compute. (So it
            # is where all processes have the loss of the whole batch: their shares of it sum to 1.)
            share = batch.share * self._world_size
            penalty = 0.0 if self.plan.penalty is None else self.plan.penalty(self.modules.model)
            total = (loss * share + penalty) / in_window
            self.scaler.scale(total).backward()
        if should_step:
            self.optimizers_step()
            self._schedule_step()
        self._seen.add(batch, outputs, loss)
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
        """One update, the gradient's values and its norm clipped over the parameters of all groups."""
        self.scaler.unscale_(self.optimizer)
        parameters = [one for group in self.optimizer.param_groups for one in group["params"]]
        if self.plan.clip_value > 0:
            torch.nn.utils.clip_grad_value_(parameters, self.plan.clip_value)
        if self.max_grad_norm > 0:
            torch.nn.utils.clip_grad_norm_(parameters, self.max_grad_norm)
        if not self.scaler.is_enabled() and self.skip_nonfinite_grads:
            self.check_gradients()
        self._decay()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.average is not None:
            self.average.after_update()
        self.optimizer.zero_grad(set_to_none=True)
        self.optimizer_step += 1

    def _schedule_step(self) -> None:
        try:
            self.schedule.step()
        except ValueError as error:  # as of OneCycleLR
            raise ConfigError(f"training.schedule ends before training does ({error}).") from error
        if min(group["lr"] for group in self.optimizer.param_groups) < -1e-12:  # less is rounding
            raise ConfigError("training.schedule makes the learning rate negative, so training would climb the loss.")

    @torch.no_grad()
    def _decay(self) -> None:
        """Shrink the weight matrices (decoupled weight decay)."""
        if self._decayed:
            rate = self.optimizer.param_groups[0]["lr"]
            torch._foreach_mul_(self._decayed, 1.0 - rate * self.plan.weight_decay)

    @torch.no_grad()
    def evaluate_batch(self, batch: LabelledBatch, stage: Stage) -> Tensor:
        """Judge one batch; the loss is taken over the whole part, once the stage ends."""
        with self.evaluation_ctx:
            outputs = self.compute_forward(batch, stage)
        self._seen.add(batch, outputs)
        return torch.zeros(())

    def update_average(self, loss: Tensor, avg_loss: float) -> float:
        """Nothing here: the average is taken per utterance, once a stage ends, so that no batch waits for the GPU."""
        return avg_loss

    def on_stage_start(self, stage: Stage, epoch: int | None = None) -> None:
        """Forget the last stage's results."""
        self._seen = StageResults()
        if stage == Stage.TRAIN:
            self._begin = time.perf_counter()
            draw_apart(self._seed, epoch or 0)
        elif stage == Stage.VALID and self.average is not None:
            self.average.put()  # until the checkpoint is written

    def on_stage_end(self, stage: Stage, stage_loss: float, epoch: int | None = None) -> None:
        """After dev: record the epoch and save a checkpoint."""
        if stage == Stage.TRAIN:
            self._train_loss = self._seen.mean_loss()
            if self.average is not None:
                self.average.after_epoch(len(self.progress.history) + 1)
        elif stage == Stage.VALID:
            outputs, labels, attributes = self._seen.outputs, self._seen.labels, self._seen.attributes
            loss = self._objective.of_all(outputs, labels, attributes)
            if not math.isfinite(loss):  # the last step of the epoch can break the weights, too
                raise self._diverged()
            row = {
                "epoch": epoch,
                "train_loss": self._train_loss,
                "dev_loss": loss,
                **dev_measures(outputs, labels, attributes, self.n_classes, self.loss),
                "lr": self.optimizer.param_groups[0]["lr"],
                "seconds": time.perf_counter() - self._begin,
            }
            row = of_the_first(row)
            measure = self.plan.measure
            if measure not in row:
                raise ModelError(
                    "an epoch cannot be chosen by the concordance correlation: the dev part has no two different "
                    "ratings of an attribute that is learned; set training.select_by to ua, or take other folds."
                )
            self.progress.record(row)
            if self.checkpointer is not None:
                meta = {"epoch": epoch, measure: row[measure]}
                self.checkpointer.save_and_keep_only(
                    meta=meta,
                    importance_keys=[by_epoch, best_on_dev(measure)],
                    keep_recent=False,
                    verbosity=logging.DEBUG,
                )
            if self.average is not None:
                self.average.take_away()

    def on_fit_start(self) -> None:
        """Continue with the newest checkpoint, if there is one."""
        self._compile()
        self._wrap_distributed()
        self.init_optimizers()
        if self.checkpointer is not None:
            self.checkpointer.recover_if_possible(importance_key=by_epoch)
            if self.average is not None:
                self.average.resume()

    def on_evaluate_start(self, max_key: str | None = None, min_key: str | None = None) -> None:
        """Take the epoch that is best on dev."""
        if self.checkpointer is not None:
            self.checkpointer.recover_if_possible(importance_key=best_on_dev(self.plan.measure))

    def fit(self, epoch_counter: Any, train_set: Any, valid_set: Any = None, *args: Any, **kwargs: Any) -> None:
        """Brain's own, with the number of batches noted."""
        self._batches_per_epoch = len(train_set)
        super().fit(epoch_counter, train_set, valid_set, *args, **kwargs)

    def results(self) -> tuple[np.ndarray, Outputs]:
        """What the last stage predicted: utterance numbers ``[n]`` and all outputs, on the CPU."""
        return self._seen.rows, self._seen.outputs.map(lambda one: one.float().cpu())

    def _diverged(self) -> ModelError:
        return ModelError(
            f"the loss is not a number any more in epoch {len(self.progress.history) + 1}; lower the learning rate "
            "(training.optimizer.lr) or training.clip_norm."
        )

    @property
    def _world_size(self) -> int:
        return torch.distributed.get_world_size() if self.distributed_launch else 1


def _make_optimizer(plan: TrainingPlan, model: EmotionModel, parameters: Iterable[nn.Parameter]) -> Optimizer:
    return plan.optimizer(parameter_groups(model, parameters, plan.encoder_lr))
